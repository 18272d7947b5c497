"""``freehold tenant export`` and ``restore``: a tenant as one file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psycopg

from freehold.cli import files, output
from freehold.cli.base import App, common, pass_app
from freehold.cli.problem import Refusal
from freehold.datakeys import provider as port
from freehold.errors import BadInput, Conflict, Denied, Unsound

if TYPE_CHECKING:
    from freehold.datakeys import Provider


def provider_option(command: Any) -> Any:
    """``--provider``."""
    return click.option(
        "--provider", metavar="REFERENCE", envvar=port.VARIABLE,
        help=f"Who holds key-encryption keys: file:DIR, env:NAME, command:PROGRAM; or {port.VARIABLE}.",
    )(command)  # fmt: skip


@contextlib.contextmanager
def exporting() -> Iterator[None]:
    """Whatever goes wrong with files and keys of tenants, as the command line says it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("cryptography", "pyrage"):
            raise
        raise Refusal(
            "what encrypts is not installed", BadInput, detail=str(error), hint="pip install 'freehold[export]'"
        ) from error
    except port.KeyUnavailable as error:
        raise Refusal(str(error), Denied) from error
    except FileExistsError as error:
        raise Refusal(f"{error.filename2 or error.filename} exists", Conflict, hint="Name another file.") from error
    except ValueError as error:
        damaged = type(error).__name__ == "Damaged"
        message = f"the file is not what was written: {error}" if damaged else str(error)
        raise Refusal(
            message, Unsound if damaged else BadInput, detail="Nothing was made." if damaged else None
        ) from error
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}", BadInput) from error


def load(reference: str | None) -> Provider:
    """The provider that an option names.

    Raises:
        Refusal: None does.
    """
    if reference is None:
        raise Refusal(
            "no key provider is named", BadInput, detail=f"Neither --provider nor {port.VARIABLE} does.",
            hint="--provider file:DIRECTORY, a directory outside the database and its backups.",
        )  # fmt: skip
    return port.load(reference)


def final(app: App, slug: str, out: Path) -> bool:
    """Writes what ``tenant erase`` is about to erase to a file in the clear: its key goes as well.

    Returns:
        Whether it did: an erasure that goes on has it already.

    Raises:
        Refusal: The file exists, or the erasure has begun without it.
    """
    if app.control().tenant_get(slug)["state"] == "erasing":
        if not out.exists():
            raise Refusal(f"tenant {slug} is being erased, and is not whole any more", Conflict)
        return False
    with exporting(), _kept(app, "export", slug) as control:
        from freehold import export as exports

        with output.busy(f"export {slug}"):
            exports.write(control, slug, out, None)
    return True


@click.command(
    epilog="""
\b
Examples:
  freehold tenant export acme --out acme.freehold --provider file:keys
  freehold tenant export acme --out acme.freehold --plain
"""
)
@click.argument("slug")
@click.option("--out", type=files.FILE, metavar="FILE", required=True, help="The file; none is overwritten.")
@click.option("--plain", is_flag=True, help="Do not encrypt: who has the file can read it.")
@provider_option
@common
@pass_app
def export(app: App, slug: str, out: Path, plain: bool, provider: str | None) -> None:
    """Write a tenant to a file, encrypted by its key.

    One snapshot, with the tenant at work. Only a tenant's first export needs the provider, to
    make the key: encrypting takes none.
    """
    with exporting(), _kept(app, "export", slug) as control:
        from freehold import export as exports
        from freehold.datakeys import tenant as keys

        key = None if plain else keys.current(control, slug)
        if key is None and not plain:
            control.tenant_get(slug)
            key = keys.rotate(control, load(provider), slug)
        with output.busy(f"export {slug}"):
            done = exports.write(control, slug, out, key)
    how = "not encrypted" if done.version is None else f"encrypted by key version {done.version}"
    app.done(
        f"tenant {slug} is in {out}: {done.rows} rows, {done.bytes} bytes, {how}",
        {
            "file": str(out), "tenant_id": done.tenant, "rows": done.rows, "bytes": done.bytes, "sha256": done.sha256,
            "recipient": done.recipient, "key_version": done.version,
        },
    )  # fmt: skip


@click.command(
    epilog="""
\b
Examples:
  freehold tenant restore acme.freehold --slug acme-again
"""
)
@click.argument("file", type=files.FILE)
@click.option("--slug", metavar="SLUG", required=True, help="The new tenant's slug.")
@click.option("--display-name", metavar="TEXT", help="The name to show (the exported tenant's).")
@click.option("--external-id", metavar="TEXT", help="The business's own identifier, unique (none).")
@provider_option
@common
@pass_app
def restore(
    app: App, file: Path, slug: str, display_name: str | None, external_id: str | None, provider: str | None
) -> None:
    """Make a tenant from a file, all of it or nothing.

    The file is read to its end and compared with what it says of itself before anything stays.
    """
    with exporting(), _kept(app, "restore", slug) as control:
        from freehold import export as exports

        with output.busy(f"restore {slug}"):
            row = exports.restore(
                control, file, slug, provider=None if provider is None else load(provider),
                display_name=display_name, external_id=external_id,
            )  # fmt: skip
    app.done(f"tenant {slug} is {row['state']}: schema {row['schema_name']}", row)


@contextlib.contextmanager
def _kept(app: App, kind: str, slug: str) -> Iterator[Any]:
    """The control plane; where the call fails, the operation log keeps the failure."""
    control = app.control()
    try:
        yield control
    except psycopg.Error as error:
        with contextlib.suppress(psycopg.Error), control.connection.transaction():
            control.operation_failed(kind, slug, error.sqlstate or "", error.diag.message_primary or str(error))
        raise


COMMANDS = (export, restore)
