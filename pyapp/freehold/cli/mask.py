"""``freehold mask``: what becomes of columns in a masked clone."""

from __future__ import annotations

import json
from typing import Any

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row

_RULES = ["keep", "null", "constant", "hash", "partial", "fake", "keep_format", "json_values", "shuffle"]
_KINDS = """
\b
Rules:
  keep         not personal: copied as it is
  null         null
  constant     --value
  hash         hexadecimal, of --length
  partial      all but --prefix and --suffix characters filled with --fill
  fake         of a --kind: name first_name last_name email phone street city
               company iban card ip url uuid text, or date within --days
  keep_format  other digits for digits, other letters for letters
  json_values  strings and numbers of a JSON document; its keys stay
  shuffle      another row's value: real values, in other places
"""


@click.group(
    epilog="""
\b
Examples:
  freehold mask suggest acme
  freehold mask set @crm contact email fake --kind email
  freehold mask set @crm product name keep
  freehold tenant clone acme acme-test --mask
"""
)
def mask() -> None:
    """Declare what becomes of columns in a masked clone."""


@mask.command("set", epilog=_KINDS)
@click.argument("home")
@click.argument("table")
@click.argument("column")
@click.argument("rule", type=click.Choice(_RULES))
@click.argument("options", required=False)
@click.option("--kind", metavar="KIND", help="Of a fake: email, name, phone or another.")
@click.option("--days", type=click.IntRange(1), help="Of a fake date: how far away at most (30).")
@click.option("--value", metavar="TEXT", help="Of a constant.")
@click.option("--length", type=click.IntRange(4, 64), help="Of a hash: characters (32).")
@click.option("--prefix", type=click.IntRange(0, 99), help="Of partial: characters to keep at the start (1).")
@click.option("--suffix", type=click.IntRange(0, 99), help="Of partial: characters to keep at the end (1).")
@click.option("--fill", metavar="CHARACTER", help="Of partial: what stands for the others (*).")
@common
@pass_app
def set_(app: App, /, home: str, table: str, column: str, rule: str, options: str | None, **given: Any) -> None:
    """Set the rule of a COLUMN of HOME: a tenant, or @template.

    OPTIONS is their JSON object, for who has it; the options below say the same.
    """
    try:
        merged = json.loads(options or "{}")
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}") from None
    if not isinstance(merged, dict):
        raise click.BadParameter("OPTIONS is not a JSON object")
    merged |= {name: value for name, value in given.items() if value is not None}
    with app.lifecycle("mask_set", home.removeprefix("@")) as control:
        row = control.mask_set(home, table, column, rule, merged)
    app.done(f"{table}.{column} of {home} is masked by {rule}", row)


@mask.command()
@click.argument("home")
@click.argument("table", required=False)
@click.argument("column", required=False)
@common
@pass_app
def reset(app: App, home: str, table: str | None, column: str | None) -> None:
    """Take back the rule of a column, of a table, or of HOME."""
    with app.lifecycle("mask_reset", home.removeprefix("@")) as control:
        rows = control.mask_reset(home, table, column)
    app.done(f"{len(rows)} rule{'' if len(rows) == 1 else 's'} of {home} taken back", {"rules": rows})


@mask.command("list")
@click.argument("home", required=False)
@common
@pass_app
def list_(app: App, home: str | None) -> None:
    """List the rules that hold for HOME, or all declared."""
    app.show(app.control().mask_list(home), empty="no rules")


@mask.command()
@click.argument("home")
@common
@pass_app
def suggest(app: App, home: str) -> None:
    """Propose rules for columns of HOME that look personal."""
    app.show(app.control().mask_suggest(home), _suggestion, "every column that looks personal has a rule")


def _suggestion(row: Row) -> dict[str, Any]:
    return {
        "table": row["table_name"], "column": row["column_name"], "type": row["type"], "why": row["why"],
        "rule": " ".join([row["rule"], *(f"--{name} {value}" for name, value in row["options"].items())]),
    }  # fmt: skip
