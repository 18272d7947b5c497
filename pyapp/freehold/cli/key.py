"""``freehold key``: keys that sign certificates and ledgers."""

from __future__ import annotations

from pathlib import Path

from freehold.cli import files
from freehold.cli.base import App, click, pass_app, without

_OFFLINE = "It asks no database."


@click.group(
    epilog="""
\b
Examples:
  freehold key generate --out erasure.key
"""
)
def key() -> None:
    """Make keys that sign certificates and ledgers."""


@key.command()
@click.option("--out", type=files.FILE, metavar="FILE", required=True, help="The private key; beside it FILE.pub.")
@without("--dsn", why=_OFFLINE)
@pass_app
def generate(app: App, out: Path) -> None:
    """Make a pair of keys (Ed25519, PEM); no file is overwritten.

    Only its owner can read the private key. Keep it away from the database and its backups:
    whoever has both can write certificates.
    """
    with files.signing():
        from freehold import keys

        public, name = keys.generate(out)
    app.done(f"key {name}: {out} signs, {public} verifies", {"key": name, "private": str(out), "public": str(public)})
