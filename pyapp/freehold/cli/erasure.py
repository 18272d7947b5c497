"""``freehold erasure``: requests, tasks, certificates and the ledger of erasures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from freehold.cli import files, output
from freehold.cli.base import App, click, common, confirm, pass_app, without
from freehold.cli.problem import Refusal
from freehold.control import Control, Row
from freehold.erasure import Outcome, installed, load
from freehold.erasure import work as attempt
from freehold.errors import ErasureNotFound, ErasureOpen, InvalidArgument

_OFFLINE = "It asks no database."


def _view(row: Row) -> dict[str, Any]:
    shown = {"tenant": row["tenant"], "state": row["state"], "erased": row["erased_at"], "tenant id": row["tenant_id"]}
    shown |= {"open tasks": row["tasks_open"], "left over": row["residue"]}
    return shown | {"certificate": row["certificate"], "copies until": row["horizon"]}


def _task(row: Row) -> dict[str, Any]:
    shown = {"operation": row["operation_id"], "tenant": row["tenant"], "eraser": row["task"], "state": row["state"]}
    shown |= {"attempts": row["attempts"], "worker": row["worker"], "erased": row["detail"] or None}
    return shown | {"why": row["reason"] or row["error_message"]}


def _number(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    try:
        return {name: int(number) for name, number in (value.split("=", 1) for value in values)}
    except ValueError:
        raise click.BadParameter("not KIND=NUMBER") from None


@click.group(
    epilog="""
\b
Examples:
  freehold tenant erase acme --reason 'GDPR request 4711'
  freehold erasure work
  freehold erasure certificate acme --key erasure.key --out acme.json
  freehold erasure verify acme.json --public-key erasure.key.pub
  freehold erasure ledger --out ledger.jsonl --key erasure.key
  freehold erasure replay ledger.jsonl --public-key erasure.key.pub
"""
)
def erasure() -> None:
    """Prove that tenants are erased, and stay so after a restore."""


@erasure.command()
@click.argument("slug")
@click.option("--reason", metavar="TEXT", required=True, help="Who asked, and why.")
@common
@pass_app
def request(app: App, slug: str, reason: str) -> None:
    """Record that somebody asked for a tenant to be erased."""
    row = app.control().erasure_request(slug, reason)
    app.done(f"the request to erase tenant {slug} is recorded", row)


@erasure.command("list")
@click.argument("slug", required=False)
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List erasures: what is open of each, and certified."""
    app.show(app.control().erasure_list(**options), _view, "no erasures")


@erasure.command()
@click.argument("slug", required=False)
@click.option("--eraser", metavar="NAME", help="Only of this eraser.")
@click.option("--open", is_flag=True, default=None, help="Only what is open.")
@common
@pass_app
def tasks(app: App, /, **options: Any) -> None:
    """List what erasures need from outside the database."""
    app.show(app.control().erasure_task_list(**options), _task, "no tasks")


@erasure.command()
@click.argument("slug", required=False)
@click.option(
    "--eraser", "references", metavar="MODULE:OBJECT", multiple=True,
    help="Who erases; besides those that installed packages bring. Several may be given.",
)  # fmt: skip
@click.option("--worker", metavar="NAME", help="Who the claims say is at work (the login).")
@click.option("--lease", type=click.IntRange(1), default=600, show_default=True, help="Seconds that a claim holds.")
@common
@pass_app
def work(app: App, slug: str | None, references: tuple[str, ...], worker: str | None, lease: int) -> None:
    """Attempt every open task that one of the erasers can do.

    What fails stays open: the same command attempts it again.
    """
    try:
        erasers = [*map(load, references), *installed()]
    except ValueError as error:
        raise Refusal(str(error), InvalidArgument) from error
    control = app.control()
    outcomes: list[Outcome] = []
    for outcome in attempt(control, erasers, worker=worker, lease=timedelta(seconds=lease), slug=slug):
        outcomes.append(outcome)
        if not app.as_json:
            said = outcome.error or ", ".join(f"{n} {kind}" for kind, n in outcome.detail.items()) or "nothing there"
            output.print_done(f"{outcome.slug}: {outcome.eraser} {outcome.state}: {said}")
    left = control.erasure_task_list(slug=slug, open=True)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed:
        raise Refusal(
            f"{len(failed)} of {len(outcomes)} tasks failed", ErasureOpen,
            detail="\n".join(f"{each.slug}: {each.eraser}: {each.error}" for each in failed),
            hint="freehold erasure tasks --open",
        )  # fmt: skip
    app.done(f"{len(outcomes)} done, {len(left)} open", {"done": len(outcomes), "open": len(left)})


@erasure.command()
@click.argument("operation", type=int)
@click.argument("eraser")
@click.option("--erased", metavar="KIND=N", multiple=True, callback=_number, help="How much, objects=12 say.")
@common
@pass_app
def done(app: App, operation: int, eraser: str, erased: dict[str, int]) -> None:
    """Say that a task was done by hand."""
    row = app.control().erasure_task_done(operation, eraser, erased)
    app.done(f"task {eraser} of operation {operation} is {row['state']}", row)


@erasure.command()
@click.argument("operation", type=int)
@click.argument("eraser")
@click.option("--reason", metavar="TEXT", required=True, help="The law that wants it kept, for the certificate.")
@click.option("--until", metavar="TIME", help="When it goes, 2030-01-31 say.")
@common
@pass_app
def exclude(app: App, /, operation: int, eraser: str, **options: Any) -> None:
    """Leave lawfully where it is what a task would erase."""
    row = app.control().erasure_task_exclude(operation, eraser, **options)
    app.done(f"task {eraser} of operation {operation} is {row['state']}", row)


@erasure.command()
@click.argument("tenant", metavar="SLUG|ID")
@click.option("--stage", type=click.IntRange(1, 2), default=1, show_default=True, help="2: copies are gone as well.")
@files.key_option(required=True)
@click.option("--out", type=files.FILE, metavar="FILE", help="Where to, a new file; else it is printed.")
@common
@pass_app
def certificate(app: App, tenant: str, stage: int, key: Path, out: Path | None) -> None:
    """Sign the certificate of an erasure.

    Stage 1 says that the database holds nothing any more, and where copies stay until when;
    stage 2, when the longest of those times has passed.
    """
    with files.signing():
        from freehold.erasure import certificates

        signer = files.private_key(key)
        control = app.control()
        data = certificates.sign(control.erasure_certificate(_erased(control, tenant), stage), signer)
        if out is None:
            click.echo(data.decode())
            return
        files.write_new(out, data)
    app.done(f"certificate of stage {stage}: {out}", {"file": str(out), "stage": stage})


@erasure.command()
@click.argument("file", type=files.FILE)
@files.public_key_option
@click.option("--logical", type=files.FILE, metavar="FILE", help="Of stage 2: the certificate of stage 1 it names.")
@click.option("--slug", metavar="SLUG", help="Also that it is the tenant's which was called so.")
@without("--dsn", why=_OFFLINE)
@pass_app
def verify(app: App, file: Path, public_key: Path, logical: Path | None, slug: str | None) -> None:
    """Check a certificate, without a database.

    Any changed byte is found.
    """
    with files.signing():
        from freehold.erasure import certificates

        first = None if logical is None else logical.read_bytes()
        content = certificates.verify(file.read_bytes(), files.public_key(public_key), first)
        if slug is not None and not certificates.names(content, slug):
            raise certificates.NotAuthentic(f"it is authentic, and not of a tenant called {slug}")
    shown = {"tenant": content["tenant"]["id"], "erased": content["tenant"]["erased_at"], "stage": content["stage"]}
    shown |= {"issued": content["issued_at"], "copies until": content["horizon"], "says": content["statement"]}
    inventory = content.get("inventory")
    if inventory and "rows" in inventory:
        shown["was there"] = f"{inventory['tables']} tables, {inventory['rows']} rows"
    if content.get("tasks"):
        shown["elsewhere"] = ", ".join(f"{task['eraser']}: {task['state']}" for task in content["tasks"])
    app.show(content if app.as_json else shown)


@erasure.command()
@click.option(
    "--out", type=files.FILE, metavar="FILE", envvar=files.LEDGER_VARIABLE, required=True,
    help=f"The ledger; or {files.LEDGER_VARIABLE}.",
)  # fmt: skip
@files.key_option(required=True)
@common
@pass_app
def ledger(app: App, out: Path, key: Path) -> None:
    """Append to the ledger what was erased and is not in it yet.

    Keep it outside the database and its backups, where nothing can be taken away from it.
    """
    count = write_ledger(app.control(), out, key)
    app.done(f"{count} lines appended to {out}", {"appended": count, "file": str(out)})


@erasure.command()
@click.argument("file", type=files.FILE)
@files.public_key_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def replay(app: App, file: Path, public_key: Path, yes: bool) -> None:
    """Erase again, after a restore, what the ledger says is erased.

    Before anybody is let in: all of these tenants are shut out first, then erased without
    grace. Repeat it when it was interrupted.
    """
    with files.signing():
        from freehold.erasure import ledger as file_of

        entries = file_of.read(file, files.public_key(public_key))
    confirm(file.name, yes, f"This erases up to {len(entries)} tenants, if they are there.")
    outcomes = []
    with output.progress("replay") as report:
        for outcome in file_of.replay(app.control(), entries):
            outcomes.append(outcome)
            report(len(outcomes), len({entry.tenant_id for entry in entries}))
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    counts = {state: sum(o.outcome == state for o in outcomes) for state in ("erased", "gone", "unknown", "failed")}
    if failed:
        raise Refusal(
            f"{len(failed)} of {len(outcomes)} tenants could not be erased", ErasureOpen,
            detail="\n".join(f"{each.tenant_id}: {each.error}" for each in failed),
            hint="Repeat it when that is mended.",
        )  # fmt: skip
    app.done(
        f"{counts['erased']} erased again, {counts['gone']} gone already, {counts['unknown']} not known here", counts
    )


def check_ledger(path: Path, key: Path) -> None:
    """Finds out whether the ledger can be appended to with this key; it is made where it is missing."""
    with files.signing():
        from freehold.erasure import ledger as file_of

        file_of.append(path, files.private_key(key), [], "")


def write_ledger(control: Control, path: Path, key: Path) -> int:
    """Appends to the ledger what it does not have of this database; returns how many lines."""
    with files.signing():
        from freehold.erasure import ledger as file_of

        return file_of.append(path, files.private_key(key), file_of.erasures(control), control.connection.info.dbname)


def _erased(control: Control, name: str) -> UUID:
    """The id of an erased tenant, by its id or by the slug that it had."""
    try:
        return UUID(name)
    except ValueError:
        pass
    found = [row for row in control.erasure_list(slug=name) if row["erased_at"] is not None]
    if not found:
        raise Refusal(f"no erased tenant was called {name}", ErasureNotFound, hint="freehold erasure list")
    if len({row["tenant_id"] for row in found}) > 1:
        raise Refusal(
            f"several erased tenants were called {name}", InvalidArgument,
            detail="\n".join(f"{row['tenant_id']}, erased {row['erased_at']:%Y-%m-%d %H:%M %Z}" for row in found),
            hint="Say the id.",
        )  # fmt: skip
    return UUID(str(found[0]["tenant_id"]))
