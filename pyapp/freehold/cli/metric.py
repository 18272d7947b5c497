"""``freehold metric``: figures for monitoring."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app


@click.group(
    epilog="""
\b
Examples:
  freehold metric list
  freehold metric list --json
  freehold serve has them at /metrics, for Prometheus.
"""
)
def metric() -> None:
    """Figures for monitoring."""


@metric.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List figures of tenants, operations, rollouts, the reserve and catalogs."""
    app.show(app.control().metric_list())
