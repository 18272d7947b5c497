"""Writes the generated part of docs/: sql.md from COMMENT ON, cli.md from --help.

`make docs` runs it on a server of its own; with --check it changes nothing and fails where a file is behind.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold import cli
from freehold.bundle import install_bundle, run, sql_root
from freehold.embedded import Ephemeral

DOCS = Path(__file__).resolve().parents[2] / "docs"
DATABASE = "freehold_reference"
SUBJECTS = {
    "template": "Templates",
    "tenant": "Tenants",
    "access": "Access",
    "erasure": "Erasure",
    "ddl": "Schemas",
    "operation": "Operations",
    "setting": "Settings, actor, version",
}

Connection = psycopg.Connection[Any]


def sql_reference(connection: Connection) -> str:
    """docs/sql.md, from a database in which freehold is installed."""
    lines = [
        "<!-- made by `make docs` from the comments in the database; do not edit -->",
        "",
        "# SQL reference",
        "",
        "All of this is in schema `freehold`. Call functions with named arguments: names and defaults are kept",
        "from release to release, positions are not. Roles are shown without the installation's prefix.",
        "",
    ]
    found = list(_functions(connection))
    subjects = {subject for subject, _ in found}
    others = {subject: subject.capitalize() for subject in sorted(subjects - SUBJECTS.keys())}
    for subject, title in (SUBJECTS | others).items():
        if subject in subjects:
            lines += [f"## {title}", ""]
            lines += [line for s, section in found if s == subject for line in section]
    lines += ["## Row types", "", "What functions return as a whole row.", ""]
    lines += list(_tables(connection))
    lines += ["## Settings", "", "| name | default | may be changed | what |", "|---|---|---|---|"]
    for name, value, fixed, description in connection.execute("select * from freehold.setting_list()"):
        when = "at the first install" if fixed else "yes"
        lines.append(f"| `{name}` | `{value}` | {when} | {_cell(description)} |")
    return "\n".join(lines) + "\n"


def cli_reference() -> str:
    """docs/cli.md, from the commands themselves."""
    lines = [
        "<!-- made by `make docs` from --help; do not edit -->",
        "",
        "# Command line reference",
        "",
    ]
    for path, command, context in _commands(
        cli.main, click.Context(cli.main, info_name="freehold", **cli.main.context_settings)
    ):
        if not isinstance(command, click.Group) or path == "freehold":
            lines += [f"## {path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def main() -> int:
    """Writes the files, or checks them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a file is behind")
    check = parser.parse_args().check
    with Ephemeral() as server, installed(server.dsn()) as connection:
        texts = {"sql.md": sql_reference(connection), "cli.md": cli_reference()}
    behind = [name for name, text in texts.items() if _read(DOCS / name) != text]
    for name in behind:
        if check:
            print(f"docs/{name} is behind: make docs", file=sys.stderr)
        else:
            (DOCS / name).write_text(texts[name], encoding="utf-8")
            print(f"docs/{name} written")
    return 1 if check and behind else 0


def installed(dsn: str) -> Connection:
    """A connection, in autocommit mode, to a new database in which freehold is installed."""
    name = sql.Identifier(DATABASE)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        connection.execute(sql.SQL("create database {}").format(name))
    connection = psycopg.connect(
        make_conninfo(dsn, dbname=DATABASE), autocommit=True, options="-c client_min_messages=error"
    )
    run(connection, install_bundle())
    return connection


def _functions(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    """Public functions by name: the subject, which is the folder of the file, and the section."""
    folders = {path.stem: path.parent.name for path in (sql_root() / "functions").glob("*/*.sql")}
    rows = connection.execute(
        """
        select
            p.proname,
            pg_get_function_arguments(p.oid),
            pg_get_function_result(p.oid),
            p.prokind = 'p',
            p.prosecdef,
            obj_description(p.oid, 'pg_proc'),
            array(
                select substr(r.rolname, length(freehold.setting_get('role_prefix')) + 2)
                from aclexplode(p.proacl) as a
                join pg_roles as r on r.oid = a.grantee
                where a.grantee <> p.proowner
                order by 1
            )
        from pg_depend as d
        join pg_proc as p on p.oid = d.objid
        where d.classid = 'pg_proc'::regclass
            and d.refclassid = 'pg_namespace'::regclass
            and d.refobjid = 'freehold'::regnamespace
            and p.proname not like '\\_%'
        order by p.proname, p.pronargs
        """
    )
    for name, arguments, result, procedure, definer, comment, roles in rows:
        returns = "" if procedure else f"\n    returns {_short(result)}"
        kind = "procedure" if procedure else "function"
        yield (
            folders.get(name, "other"),
            [
                f"### {name}",
                "",
                "```text",
                f"{kind} freehold.{name}({_arguments(arguments)}){returns}",
                "```",
                "",
                textwrap.fill(_prose(str(comment)), 100, break_long_words=False, break_on_hyphens=False),
                "",
                f"*{'Definer' if definer else 'Invoker'}; {', '.join(roles) or 'no role but the owner'}.*",
                "",
            ],
        )


def _tables(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        """
        select c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod),
               col_description(c.oid, a.attnum)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'freehold'::regnamespace and c.relkind = 'r'
            and c.reltype in (
                select p.prorettype from pg_proc as p
                where p.pronamespace = 'freehold'::regnamespace and p.proname not like '\\_%'
            )
        order by c.relname, a.attnum
        """
    )
    table = None
    for name, comment, column, kind, about in rows.fetchall():
        if name != table:
            if table is not None:
                yield ""
            yield from (f"### freehold.{name}", "", _prose(str(comment)), "", "| column | type | |", "|---|---|---|")
            table = name
        yield f"| `{column}` | {kind} | {_cell(about or '')} |"
    yield ""


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    context.terminal_width = 92
    context.max_content_width = 92
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _commands(child, click.Context(child, parent=context, info_name=name))


def _arguments(text: str) -> str:
    """Arguments as they are, one a line where the line would be long."""
    text = re.sub("::(text|jsonb|interval)", "", text).replace("NULL", "null").replace("DEFAULT", "default")
    return text if len(text) < 60 else "\n    " + text.replace(", ", ",\n    ") + "\n"


def _short(result: str) -> str:
    result = result.replace("SETOF", "setof").replace("timestamp with time zone", "timestamptz")
    if result.startswith("TABLE("):
        columns = result.removeprefix("TABLE(").removesuffix(")")
        return "table (\n        " + columns.replace(", ", ",\n        ") + "\n    )"
    return result


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|").replace("\n", " ")


def _prose(text: str) -> str:
    """A comment as Markdown: no angle bracket is a tag, no underscore an emphasis."""
    return text.replace("<", "&lt;").replace("_", "\\_")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
