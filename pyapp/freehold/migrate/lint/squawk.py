"""squawk on a rendered text: what locks, rewrites or breaks, by the statements themselves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from freehold.migrate.errors import MigrationError
from freehold.migrate.lint.finding import Finding
from freehold.migrate.render import Rendered
from freehold.sqltext import tokens

PROFILE = Path(__file__).with_name("squawk.toml")
# Asked of the text for large tables only: for small ones the plain form is the right one.
BY_SIZE = {
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-concurrent-reindex",
    "require-concurrent-partition-detach",
}
# What a contract step is for: it waits until every tenant has what comes instead.
BREAKING = re.compile(r"ban-drop-(?!not-null$)|renaming-|ban-set-schema$")
_IGNORE = re.compile(r"squawk-ignore(?:-file)?\b:?[ \t]*([a-z][a-z-]*(?:[ \t]*,[ \t]*[a-z][a-z-]*)*)?")


def check(rendered: Rendered, version: int | None) -> Iterator[Finding]:
    """What squawk says of a migration.

    Args:
        rendered: The migration.
        version: The server's, as 150020; None for the newest that squawk knows.

    Raises:
        MigrationError: squawk is missing, or does not work.
    """
    command = [
        _program(),
        "--config",
        str(PROFILE),
        "--reporter",
        "json",
        "--stdin-filepath",
        f"{rendered.file.id}.sql",
    ]
    command += ["--assume-in-transaction"] if rendered.transactional else []
    command += ["--pg-version", f"{version // 10000}.{version % 10000}"] if version else []
    ran = subprocess.run(command, input=_without_comments(rendered.text), capture_output=True, text=True, check=False)
    try:
        found = json.loads(ran.stdout)
    except ValueError:
        raise MigrationError("squawk failed", detail=ran.stderr.strip() or f"exit code {ran.returncode}") from None
    for each in found:
        yield Finding(
            rendered.file.id,
            each["rule_name"],
            "error",
            each["line"] + 1,
            each["message"],
            f"squawk: https://squawkhq.com/docs/{each['rule_name']}",
            each["help"] or "",
        )


def ignored(text: str) -> set[str]:
    """Rules that squawk's own comments name in a text; one that names none counts for nothing."""
    comments = (token.text for token in tokens(text) if token.kind in ("line", "block"))
    named = (match[1] for comment in comments for match in _IGNORE.finditer(comment) if match[1])
    return {rule.strip() for names in named for rule in names.split(",")}


def _without_comments(text: str) -> str:
    """The text with blanks for comments: nothing in them is to keep squawk from looking."""
    return "".join(
        re.sub(r"[^\n]", " ", token.text) if token.kind in ("line", "block") else token.text for token in tokens(text)
    )


def _program() -> str:
    found = shutil.which("squawk", path=sysconfig.get_path("scripts")) or shutil.which("squawk")
    if found is None:
        raise MigrationError("squawk is not installed", hint="pip install 'freehold[migrate]'")
    return found
