"""``freehold key``: keys that sign certificates and ledgers, and those that encrypt exports of tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from freehold.cli import files, output
from freehold.cli.base import App, click, common, confirm, pass_app, without
from freehold.cli.export import exporting, load, provider_option
from freehold.cli.problem import Refusal
from freehold.control import Row
from freehold.datakeys.provider import KeyUnavailable
from freehold.errors import Denied, InvalidArgument

_OFFLINE = "It asks no database."


@click.group(
    epilog="""
\b
Examples:
  freehold key generate --out erasure.key
  freehold key rotate --tenant acme --provider file:/var/lib/freehold/keys
  freehold key list --tenant acme
"""
)
def key() -> None:
    """Make keys that sign and keys that encrypt."""


@key.command()
@click.option("--out", type=files.FILE, metavar="FILE", required=True, help="The private key; beside it FILE.pub.")
@without("--dsn", why=_OFFLINE)
@pass_app
def generate(app: App, out: Path) -> None:
    """Make a pair of keys that signs (Ed25519, PEM).

    Only its owner can read the private key. Keep it away from the database and its backups:
    whoever has both can write certificates. No file is overwritten.
    """
    with files.signing():
        from freehold import keys

        public, name = keys.generate(out)
    app.done(f"key {name}: {out} signs, {public} verifies", {"key": name, "private": str(out), "public": str(public)})


def _view(row: Row) -> dict[str, Any]:
    return {
        "slug": row["slug"], "version": row["version"], "state": row["state"], "provider": row["provider"],
        "kek": row["kek_id"], "created": row["created_at"].astimezone().date(),
    }  # fmt: skip


@key.command("list")
@click.option("--tenant", "slug", metavar="SLUG", help="Only this tenant's.")
@common
@pass_app
def list_(app: App, slug: str | None) -> None:
    """List the keys that encrypt exports of tenants."""
    app.show(app.control().tenant_key_list(slug), _view, "no keys")


def _whom(command: Any) -> Any:
    command = click.option("--all", "everybody", is_flag=True, help="All tenants.")(command)
    return click.option("--tenant", "slug", metavar="SLUG", help="This tenant.")(command)


@key.command()
@_whom
@click.option(
    "--older-than", type=click.DateTime(), metavar="TIME",
    help="With --all: only where the key was made before; go on with the same after an interruption.",
)  # fmt: skip
@provider_option
@common
@pass_app
def rotate(app: App, slug: str | None, everybody: bool, older_than: Any, provider: str | None) -> None:
    """Give tenants a new version of their key.

    New exports are encrypted by it; the versions before open what they encrypted.
    """
    control = app.control()
    _one_of(slug, everybody)
    with exporting():
        from freehold.datakeys import tenant as keys

        holder = load(provider)
        before = older_than.astimezone() if older_than is not None else None
        slugs = [slug] if slug is not None else [
            row["slug"] for row in control.tenant_key_list()
            if row["state"] == "current" and (before is None or row["created_at"] < before)
        ]  # fmt: skip
        _each(app, slugs, lambda one: keys.rotate(control, holder, str(one)), "rotated")


@key.command()
@_whom
@provider_option
@click.option("--from", "old", metavar="REFERENCE", help="Who wrapped them so far, where it is another one.")
@common
@pass_app
def rewrap(app: App, slug: str | None, everybody: bool, provider: str | None, old: str | None) -> None:
    """Have keys wrapped by a new key-encryption key.

    The keys stay, and so do the exports. A key-encryption key that was the tenant's own is
    destroyed then: keep no dump of the database from before, or it opens nothing.
    """
    control = app.control()
    _one_of(slug, everybody)
    with exporting():
        from freehold.datakeys import tenant as keys

        holder, former = load(provider), load(old) if old is not None else None
        rows = [row for row in control.tenant_key_list(slug) if row["state"] != "destroyed"]
        if former is not None:
            # So it goes on where it was interrupted.
            rows = [row for row in rows if row["provider"] == former.kind]
        _each(app, [row["recipient"] for row in rows],
              lambda one: keys.rewrap(control, holder, str(one), old=former), "wrapped anew")  # fmt: skip


@key.command()
@click.option("--tenant", "slug", metavar="SLUG", required=True, help="Whose.")
@click.option("--version", type=click.IntRange(1), metavar="N", required=True, help="Which version.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; the events keep it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@provider_option
@common
@pass_app
def destroy(app: App, slug: str, version: int, reason: str, yes: bool, provider: str | None) -> None:
    """Destroy a version of a tenant's key: its exports are lost."""
    with exporting():
        from freehold.datakeys import tenant as keys

        holder = load(provider)
        confirm(slug, yes, f"No export that key version {version} of {slug} encrypted can be read again.")
        row, gone = keys.destroy(app.control(), holder, slug, version, reason)
    rest = "" if gone else "; the provider has no key of its own for it, so a dump of the database still opens them"
    app.done(f"key version {version} of {slug} is destroyed{rest}", {**row, "kek_destroyed": gone})


def _one_of(slug: str | None, everybody: bool) -> None:
    if (slug is None) is not everybody:
        raise Refusal("say --tenant or --all", InvalidArgument)


def _each(app: App, whom: Iterable[str], work: Callable[[str], Row], done: str) -> None:
    """Does the same for each; a failure does not stop the others."""
    rows: list[Row] = []
    failed: list[str] = []
    whom = list(whom)
    with output.progress("keys") as report:
        for number, one in enumerate(whom, 1):
            try:
                rows.append(work(one))
            except (KeyUnavailable, psycopg.DatabaseError) as error:
                if len(whom) == 1:
                    raise
                failed.append(f"{one}: {error}")
            report(number, len(whom))
    if failed:
        raise Refusal(
            f"{len(failed)} of {len(whom)} keys failed",
            Denied,
            detail="\n".join(failed),
            hint="Repeat it when that is mended.",
        )
    shown = [{name: value for name, value in row.items() if name != "wrapped_key"} for row in rows]
    app.done(f"{len(rows)} {'key' if len(rows) == 1 else 'keys'} {done}", shown)
