"""``freehold audit``: seals, what verifies them, anchors, and the export of entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from freehold.cli import exporting, files, places
from freehold.cli.base import App, click, common, pass_app, without
from freehold.control import Row
from freehold.errors import Unsound
from freehold.siem import FORMATS

_HOME = "a tenant's slug, a template's name after @, or @ for the control plane"


def _view(row: Row) -> dict[str, Any]:
    shown = {"home": row["home_name"], "seal": row["seal"], "number": row["sequence"], "row id": row["row_id"]}
    return shown | {"finding": row["finding"], "detail": row["detail"]}


def _sound(app: App, home: str | None) -> str:
    """What finding nothing is worth: how much is sealed at all."""
    try:
        heads = app.control().audit_anchor()["heads"]
    except psycopg.errors.InsufficientPrivilege:
        # Workers verify, and get no anchor.
        return "nothing was found"
    of = ""
    if home is not None:
        if home.startswith("@") and home != "@":
            # Nothing tells a template's id.
            return "nothing was found"
        of = f" of {home}"
        chain = str(UUID(int=0)) if home == "@" else str(app.control().tenant_get(home)["id"])
        heads = [head for head in heads if head["chain"] == chain]
    if not heads:
        return f"nothing was found, as nothing{of} is sealed: freehold audit seal"
    entries = sum(head["rows"] for head in heads)
    return f"nothing was found in {entries} sealed entries{of}" + ("" if home else f", {len(heads)} chains")


@click.command()
@click.argument("home", required=False)
@common
@pass_app
def seal(app: App, home: str | None) -> None:
    """Seal what was written to the audit, of one home or all.

    HOME is a tenant's slug, a template's name after @, or @ for the control plane. Run it
    every minute: what is not sealed yet can be changed without a trace.
    """
    control = app.control()
    seals = rows = 0
    step: Row = {"next": None}
    while True:
        step = control.audit_seal_step(home, step["next"])
        seals, rows = seals + step["seals"], rows + step["rows"]
        if step["next"] is None:
            break
    app.done(f"{rows} entries sealed, in {seals} seals", {"seals": seals, "rows": rows})


@click.command()
@click.argument("home", required=False)
@click.option("--anchor", metavar="FILE|URL", help="A signed anchor; also finds seals that are missing at the end.")
@click.option("--public-key", type=files.FILE, metavar="FILE", help="The public key of who signed the anchor.")
@common
@pass_app
def verify(app: App, home: str | None, anchor: str | None, public_key: Path | None) -> None:
    """Look for what was changed after it was sealed; exits 7.

    HOME is a tenant's slug, a template's name after @, or @ for the control plane; without
    it all of them are looked at.
    """
    if (anchor is None) != (public_key is None):
        raise click.UsageError("--anchor and --public-key belong together")
    document = None
    if anchor is not None and public_key is not None:
        with files.signing():
            from freehold import signing

            document = signing.verify(places.read(anchor), files.public_key(public_key))
    found = app.control().audit_verify(home, document)
    if not found:
        app.done("nothing was found" if app.as_json else _sound(app, home), [])
        return
    app.show(found, _view)
    raise click.exceptions.Exit(Unsound.exit_code)


@click.command()
@click.option("--out", metavar="FILE|URL", required=True,
              help="Where to: a file, which must not exist, or s3://, gs://, az://; - is standard output.")  # fmt: skip
@files.key_option(required=True)
@common
@pass_app
def anchor(app: App, out: str, key: Path) -> None:
    """Write the last seal of every chain, signed, out of the database.

    With it freehold audit verify finds seals that were cut off or made anew since. Keep it where
    whoever administers the database cannot write.
    """
    document = app.control().audit_anchor()
    with files.signing():
        from freehold import signing

        content = signing.sign(document, files.private_key(key))
        places.write(out, content)
    if out != "-":
        heads = len(document["heads"])
        app.done(f"{out}: {heads} chains anchored", {"out": out, "chains": heads, "at": document["at"]})


@click.command()
@click.option("--reason", metavar="TEXT", required=True, help="Why the audit goes on here: a restore, a move.")
@common
@pass_app
def epoch(app: App, reason: str) -> None:
    """Go on with seals after a restore into another cluster."""
    number = app.control().audit_epoch(reason)
    app.done(f"epoch {number} has begun; seal now", {"epoch": number})


@click.command()
@click.option("--home", metavar="HOME", help=f"Only of this one: {_HOME}.")
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="jsonl", show_default=True,
              help="What a line is.")  # fmt: skip
@click.option("--cursor-file", type=files.FILE, metavar="FILE",
              help="Go on behind what it says, and keep it there: written once lines are out.")  # fmt: skip
@click.option(
    "--out", metavar="FILE", default="-", show_default=True, help="A file to be added to; - is standard output."
)
@click.option("--follow", is_flag=True, help="Do not end: wait for more, and for the server when it is away.")
@click.option("--interval", type=click.FloatRange(min=0.05), default=1.0, show_default=True, metavar="SECONDS",
              help="How often --follow asks.")  # fmt: skip
@click.option(
    "--page", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Entries asked for at a time."
)
@without("--json", why="a line has a format of its own, --format")
@pass_app
def export(
    app: App,
    home: str | None,
    format_: str,
    cursor_file: Path | None,
    out: str,
    follow: bool,
    interval: float,
    page: int,
) -> None:
    """Write entries of the audit for a SIEM, a line each.

    Events of the control plane and changes of rows, none left out however transactions end. Stopped at
    any point it goes on with its cursor file; lines that were not accounted for come again, with the
    same id. A cursor file is of one --home, and is refused for another.
    """
    stop = exporting.Stop(interval if follow else None)
    exporting.run(app, exporting.Sink(out, cursor_file, home), FORMATS[format_], home=home, page=page, stop=stop)


COMMANDS = (seal, verify, anchor, epoch, export)
