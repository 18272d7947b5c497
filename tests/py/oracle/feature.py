"""Feature files: one small schema each, with what the harness must know in the leading comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).parent / "features"
_FLAG = re.compile(r"-- (min-version|refused): (.+)|-- (superuser|shared|icu|names-schema|skip-replay)")


@dataclass(frozen=True)
class Feature:
    """One file of ``features/``.

    Attributes:
        name: The file's name without its ending.
        about: What must survive, in words.
        min_version: Major version from which the server knows the feature.
        superuser: Only a superuser can make it; its owner is one then.
        icu: Needs a server that was built with ICU.
        names_schema: The schema's name occurs in literals or in other names, where a copy keeps it.
        skip_replay: No copy can be made by hand either.
        refused: What the public functions' refusal must match, where they must refuse.
        ddl: Statements that make the objects.
        rows: Statements that fill them.
        after: DDL that comes after the rows, as these would violate it.
    """

    name: str
    about: str
    min_version: int
    superuser: bool
    icu: bool
    names_schema: bool
    skip_replay: bool
    refused: str | None
    ddl: str
    rows: str
    after: str


def parse(path: Path) -> Feature:
    """Reads a feature file.

    Raises:
        ValueError: It says nothing about itself.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    about, flags = [], {}
    while lines and lines[0].startswith("-- ") and lines[0].strip() not in ("-- rows", "-- after"):
        line = lines.pop(0).rstrip("\n")
        if match := _FLAG.fullmatch(line):
            flags[match[1] or match[3]] = match[2] or ""
        else:
            about.append(line.removeprefix("-- "))
    if not about:
        raise ValueError(f"{path.name} does not say what it is about")
    parts = re.split(r"^-- (rows|after)\n", "".join(lines), flags=re.MULTILINE)
    sections = {"ddl": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
    return Feature(
        name=path.stem,
        about=" ".join(about),
        min_version=int(flags.get("min-version", 15)),
        superuser="superuser" in flags,
        icu="icu" in flags,
        names_schema="names-schema" in flags,
        skip_replay="skip-replay" in flags,
        refused=flags.get("refused"),
        ddl=sections["ddl"],
        rows=sections.get("rows", ""),
        after=sections.get("after", ""),
    )


def all_features() -> list[Feature]:
    """Every feature, by name."""
    return [parse(path) for path in sorted(DIRECTORY.glob("*.sql"))]


def feature(name: str) -> Feature:
    """The feature of a name."""
    return parse(DIRECTORY / f"{name}.sql")
