"""``freehold pgtap``: pgTAP suites under pytest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from freehold.cli.base import App, click, pass_app, without
from freehold.settings import DSN_VARIABLE


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="""
\b
Examples:
  freehold pgtap tests/pgtap --load
  freehold pgtap tests/pgtap -k isolation -x
Each file is one transaction, begin; ... rollback;, without meta-commands.
""",
)
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]...")
@click.option("--load", is_flag=True, help="First install pgTAP into schema tap, where it is missing.")
@without("--json", why="pytest prints: freehold pgtap PATH --junit-xml FILE, say.")
@pass_app
def pgtap(app: App, path: Path, arguments: tuple[str, ...], load: bool) -> None:
    """Run the pgTAP files of PATH against the database."""
    try:
        import pytest
        import tap.parser  # noqa: F401
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing: pip install 'freehold[pgtap]'") from None
    from freehold.pgtap_runner import load_pgtap

    dsn = app.resolve_dsn()
    connection = app.connect()
    known = connection.execute("select to_regnamespace('tap') is not null").fetchone()
    if load and known is not None and not known[0]:
        load_pgtap(connection)
    connection.close()
    # By the environment: an argument would be seen by every account of the machine.
    if dsn:
        os.environ[DSN_VARIABLE] = dsn
    # The directory may lie in a project whose pytest makes errors of warnings.
    options = [
        "-p",
        "freehold-pgtap",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-o",
        "pgtap_files=*.sql",
        "--override-ini",
        "addopts=",
    ]
    sys.exit(pytest.main([*options, *arguments, str(path)]))
