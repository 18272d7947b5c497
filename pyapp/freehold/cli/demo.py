"""``freehold demo``: freehold at work on a real schema."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict

from rich.console import Console

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.embedded import Server


@click.command()
@common
@pass_app
def demo(app: App) -> None:
    """Show what freehold does, with timings.

    In a database of its own, on the embedded server, which it starts, or where --dsn says, as a superuser.
    """
    from freehold.demo import DATABASE, run

    dsn = app.dsn
    if dsn is None:
        server = Server()
        with output.busy("starting PostgreSQL"):
            server.start()
        dsn = server.dsn(superuser=True)
    timings = run(dsn, Console(quiet=True) if app.as_json else Console(highlight=False))
    if app.as_json:
        output.print_json([asdict(timing) for timing in timings])
    elif app.dsn is None:
        program = "freehold" if shutil.which("freehold") else os.path.relpath(sys.argv[0])
        click.echo(
            "PostgreSQL still runs. To look around, and to stop it:\n"
            f"    {program} embedded psql --superuser -d {DATABASE}\n"
            f"    {program} embedded stop"
        )
