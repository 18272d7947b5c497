"""``freehold reader`` and ``freehold login``: a tenant's read-only role, and logins of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.context.credentials import derive_verifier, read_secret, scram_verifier
from freehold.control import Control, Row

_access = click.option(
    "--access", type=click.Choice(["write", "read"]), help="For the role that writes, or for the reader (write)."
)


@click.group(
    epilog="""
\b
Examples:
  freehold reader create acme
  freehold login enable acme --access read
"""
)
def reader() -> None:
    """Give a tenant a read-only role, or drop it."""


@reader.command("create")
@click.argument("slug")
@common
@pass_app
def create(app: App, slug: str) -> None:
    """Make the tenant's read-only role.

    Again, to cover functions added since.
    """
    with app.lifecycle("reader_create", slug) as control:
        row = control.reader_create(slug)
    app.done(f"tenant {slug} has the reader {row['ro_role']}", row)


@reader.command("drop")
@click.argument("slug")
@common
@pass_app
def drop(app: App, slug: str) -> None:
    """Drop the tenant's read-only role and end its sessions."""
    with app.lifecycle("reader_drop", slug) as control:
        row = control.reader_drop(slug)
    app.done(f"tenant {slug} has no reader any more", row)


@click.group(
    epilog="""
\b
Examples:
  freehold login enable acme
  freehold login enable acme --access read --connection-limit 5
  pass show acme/db | freehold login enable acme --password-stdin
  freehold login enable acme --secret-file /run/secrets/freehold
  freehold login rotate --secret-file /run/secrets/freehold
  freehold login disable acme
"""
)
def login() -> None:
    """Let a tenant log in with a role of its own, or stop it."""


@login.command()
@click.argument("slug")
@_access
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@click.option("--secret-file", type=click.Path(path_type=Path), help="Derive the password from this master secret.")
@click.option("--no-password", is_flag=True, help="Set none: certificates, LDAP, or the one it has.")
@click.option("--connection-limit", type=click.IntRange(-1), metavar="NUMBER", help="Sessions at a time; -1: any.")
@common
@pass_app
def enable(
    app: App, slug: str, access: str | None, password_stdin: bool, secret_file: Path | None, no_password: bool,
    connection_limit: int | None,
) -> None:  # fmt: skip
    """Let the tenant's runtime role log in.

    The password is asked for, or derived as the pools of Python's Tenants derive it. The server gets a SCRAM verifier,
    never the password.
    """
    if password_stdin + no_password + (secret_file is not None) > 1:
        raise click.UsageError("--password-stdin, --secret-file and --no-password exclude each other.")
    secret = None if secret_file is None else read_secret(secret_file)
    control = app.control()
    row = control.tenant_get(slug)
    role = row["ro_role"] if access == "read" else row["rw_role"]
    verifier = None
    # Without its role the call below says what is missing.
    if secret is not None and role is not None:
        verifier = derive_verifier(control.connection.pgconn, secret, str(row["id"]), role)
    elif not no_password and role is not None:
        verifier = scram_verifier(control.connection.pgconn, role, _password(role, password_stdin))
    with app.lifecycle("login_enable", slug) as control:
        row = control.login_enable(slug, access, verifier=verifier, connection_limit=connection_limit)
    when = "" if row["state"] == "active" else f", once the tenant is active (it is {row['state']})"
    app.done(f"{role} may log in{when}", row)


@login.command()
@click.option("--secret-file", type=click.Path(path_type=Path), required=True, help="The new master secret.")
@common
@pass_app
def rotate(app: App, secret_file: Path) -> None:
    """Derive all tenants' passwords from a new master secret.

    Sessions go on. Give the applications both secrets first, the new one before the old one, and take the old one away
    afterwards. Run it again after a failure: it does the same again.
    """
    secret = read_secret(secret_file)
    control = app.control()
    logins = list(_logins(control))
    with output.progress("derives passwords") as report:
        for done, (row, access, role) in enumerate(logins):
            report(done, len(logins))
            verifier = derive_verifier(control.connection.pgconn, secret, str(row["id"]), role)
            control.login_enable(row["slug"], access, verifier=verifier)
    app.done(f"{len(logins)} logins have new passwords", {"logins": len(logins)})


@login.command()
@click.argument("slug")
@_access
@common
@pass_app
def disable(app: App, slug: str, access: str | None) -> None:
    """Take the login, its password and its sessions away."""
    with app.lifecycle("login_disable", slug) as control:
        row = control.login_disable(slug, access)
    app.done(f"{row['ro_role'] if access == 'read' else row['rw_role']} logs in no more", row)


def _logins(control: Control) -> Iterator[tuple[Row, str, str]]:
    """Tenants that have logins, with access and role of each; retired ones keep theirs until they are reinstated."""
    page = control.tenant_list()
    while page:
        for row in page:
            if row["state"] in ("active", "suspended"):
                if row["rw_login"]:
                    yield row, "write", str(row["rw_role"])
                if row["ro_login"]:
                    yield row, "read", str(row["ro_role"])
        page = control.tenant_list(after=str(page[-1]["slug"]))


def _password(role: str, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt(f"Password for {role}", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise click.UsageError("Nobody is there to be asked: give --password-stdin or --no-password.")
    if not password:
        raise click.UsageError("The password is empty.")
    return password
