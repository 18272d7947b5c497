"""``freehold call``: any public function by its own name, as it is over HTTP and in SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TextIO

from psycopg import sql
from psycopg.rows import dict_row

from freehold import catalog as catalogs
from freehold.catalog import Catalog, Function
from freehold.cli.base import App, click, common, pass_app
from freehold.errors import InvalidArgument

_COLUMNS = 8


@click.command(
    epilog="""
\b
Examples:
  freehold call                                  every function, in a line
  freehold call tenant_list state=active max_rows=5
  freehold call limit_set slug=acme name=work_mem value=64MB
  freehold call rollout_create --body rollout.json
  freehold call tenant_provision --describe
  A value is as PostgreSQL writes it: '{a,b}' for an array, JSON for jsonb.
"""
)
@click.argument("function", required=False)
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--body", type=click.File(), help="Arguments as a JSON object, from a file or - for standard input.")
@click.option("--describe", is_flag=True, help="Say what the function takes and does, and call nothing.")
@common
@pass_app
def call(app: App, function: str | None, arguments: tuple[str, ...], body: TextIO | None, describe: bool) -> None:
    """Call FUNCTION of schema freehold, whichever it is."""
    connection = app.connect()
    catalog = catalogs.read(connection)
    if function is None:
        app.show([{"function": each.name, "does": _first(each)} for each in catalog.functions.values()])
        return
    found = _find(catalog, function)
    if describe:
        taken = [a for each in found.overloads for a in each.arguments]
        app.show([{"argument": a.name, "type": a.type, "required": a.required} for a in taken], empty="no arguments")
        if not app.as_json:
            app.done(f"\n{found.comment}")
        return
    given = _given(found, arguments, body)
    if found.procedure:
        connection.execute(sql.SQL("call {}").format(catalogs.invocation(found, given)), given)
        app.done(f"{found.name} is done")
        return
    meant = catalogs.overload(found, given)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(sql.SQL("select * from {}").format(catalogs.invocation(found, given)), given).fetchall()
    if meant.result == "void" and not meant.columns:
        app.done(f"{found.name} is done")
    elif meant.many:
        _show(app, rows)
    else:
        app.show(rows[0] if meant.columns else next(iter(rows[0].values())))


def _show(app: App, rows: list[dict[str, Any]]) -> None:
    """Rows of many columns one below the other, as no terminal is wide enough."""
    if app.as_json or not rows or len(rows[0]) <= _COLUMNS:
        app.show(rows)
        return
    for number, row in enumerate(rows):
        if number:
            click.echo()
        app.show(row)


def _find(catalog: Catalog, name: str) -> Function:
    found = catalog.functions.get(name.removeprefix("freehold."))
    if found is None:
        raise InvalidArgument(f"there is no function {name}: freehold call lists them")
    return found


def _first(function: Function) -> str:
    return function.comment.split(". ")[0].split(": ")[0].removesuffix(".")


def _given(function: Function, arguments: tuple[str, ...], body: TextIO | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if body is not None:
        try:
            read = json.load(body)
        except ValueError as error:
            raise InvalidArgument(f"--body is no JSON: {error}") from None
        if not isinstance(read, Mapping):
            raise InvalidArgument("--body is a JSON object: argument by argument")
        given.update(read)
    for each in arguments:
        name, equals, value = each.partition("=")
        if not equals:
            raise InvalidArgument(f"an argument is name=value, not {each!r}")
        given[name] = value
    types = {a.name: a.type for overload in function.overloads for a in overload.arguments}
    unknown = [name for name in given if name not in types]
    if unknown:
        raise InvalidArgument(
            f"{function.name} takes no {', '.join(unknown)}: it takes {', '.join(types) or 'nothing'}"
        )
    missing = [a.name for a in function.main.arguments if a.required and a.name not in given]
    if missing and catalogs.overload(function, given) is function.main:
        raise InvalidArgument(f"{function.name} needs {', '.join(missing)}")
    return {
        name: json.dumps(value) if types[name] == "jsonb" and not isinstance(value, str) else value
        for name, value in given.items()
        if value is not None
    }
