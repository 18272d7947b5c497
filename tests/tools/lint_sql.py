"""The rules for files below sql/ that no general linter knows; prints each breach, exits 1 if there is one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from freehold import bundle, sqltext

ROOT = Path(__file__).resolve().parents[2]
SQL = ROOT / "sql"
MAX_LINE = 140

_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
_UPPER = re.compile(r"(?<![\w.])[A-Z][A-Z_]+\b")
_CREATE = re.compile(r"create or replace (function|procedure) freehold\.(\w+)\s*\(")
_COMMENT = re.compile(r"comment on (function|procedure) freehold\.(\w+)\s*\(")
_PATH = re.compile(r"set search_path = (.+)$", re.MULTILINE)


def main() -> int:
    """Checks every file; returns the exit code."""
    breaches = list(_manifest())
    for path in sorted(SQL.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        breaches += [f"{path.relative_to(ROOT)}:{line}: {what}" for line, what in _layout(text)]
        if path.is_relative_to(SQL / "functions"):
            breaches += [f"{path.relative_to(ROOT)}:{line}: {what}" for line, what in _function(path.stem, text)]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def _manifest() -> Iterator[str]:
    listed = set(bundle.install_bundle().files)
    for folder in ("schema", "functions"):
        for path in sorted((SQL / folder).rglob("*.sql")):
            if path not in listed:
                yield f"{path.relative_to(ROOT)}:1: not in sql/install.sql"


def _layout(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "trailing space"
        if "\t" in line:
            yield number, "tab"
        if len(line) > MAX_LINE:
            yield number, f"line of {len(line)} characters, at most {MAX_LINE}"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield text.count("\n"), "a file ends with one newline"
    # Bodies in $$ are SQL as well; what stands in quotes and comments is not.
    bare = _TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in _UPPER.finditer(bare):
        yield bare.count("\n", 0, match.start()) + 1, f"{match[0]}: keywords and names are in lower case"


def _function(stem: str, text: str) -> Iterator[tuple[int, str]]:
    created = _CREATE.findall(text)
    if not created or any(name != stem for _, name in created):
        yield 1, f"holds {', '.join(name for _, name in created) or 'no function'}, not {stem}"
    if not stem.startswith("_") and len(_COMMENT.findall(text)) < len(created):
        yield 1, f"{stem} has no comment"
    for statement in sqltext.split(text):
        head = re.split(r"\bas \$|\bbegin atomic\b|^ *return\b", _TEXT.sub("", statement.text), flags=re.MULTILINE)[0]
        if "security definer" in head:
            path = _PATH.search(head)
            if path is None or path[1].strip() != "pg_catalog, pg_temp":
                yield statement.line, "a definer function says: set search_path = pg_catalog, pg_temp"
            if not re.search(r"^-- security definer: .*touches: ", text, re.IGNORECASE | re.MULTILINE | re.DOTALL):
                yield statement.line, "a definer function says in its header why, and what it touches"
    for match in re.finditer(r"\$(\w*)\$\s*language\b", text):
        yield text.count("\n", 0, match.start()) + 1, "language and other attributes stand before the body"


if __name__ == "__main__":
    sys.exit(main())
