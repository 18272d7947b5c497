"""The functions of the keeper, its tasks and what it measures, one method each; ``Control`` has them."""

from __future__ import annotations

from datetime import datetime, timedelta

from freehold.calls import Calls, Row


class Keepers(Calls):
    """What is done in the background, and who does it."""

    # The one that leads

    def keeper_lead(self, holder: str, lease: timedelta | str | None = None) -> bool:
        """Takes or renews the lease of the one keeper that leads; False while another has it.

        Args:
            holder: Who asks: a name that nobody else goes by.
            lease: For how long (an interval; 30 seconds).
        """
        return bool(self._value("keeper_lead", holder=holder, lease=lease))

    def keeper_resign(self, holder: str) -> bool:
        """Gives the lease up; False where it was not this one's."""
        return bool(self._value("keeper_resign", holder=holder))

    def keeper_get(self) -> Row:
        """Which keeper leads: ``holder``, ``leads``, ``led_since``, ``seen_at``, ``expires_at``."""
        return self._row("keeper_get")

    # Tasks

    def task_list(self) -> list[Row]:
        """The tasks: how often, when each ran last and how that ended, and when it is due."""
        return self._rows("task_list")

    def task_due(self) -> list[Row]:
        """The enabled tasks by ``name``, with ``due_in``; the first of them at the top."""
        return self._rows("task_due")

    def task_run(self, name: str, holder: str | None = None) -> int | None:
        """Runs a task once; returns how much it did, None where it failed and its row says why.

        Args:
            name: The task.
            holder: The keeper that runs it, which has to lead; None: somebody does by hand.
        """
        result = self._value("task_run", name=name, holder=holder)
        return None if result is None else int(str(result))

    def task_failed(self, name: str, sqlstate: str, message: str, holder: str | None = None) -> Row:
        """Records a run that was cut off; returns the task's row."""
        return self._row("task_failed", name=name, sqlstate=sqlstate, message=message, holder=holder)

    def task_set(self, name: str, *, every: timedelta | str | None = None, enabled: bool | None = None) -> Row:
        """Says how often a task is run, and whether; returns its row."""
        return self._row("task_set", name=name, every=every, enabled=enabled)

    # What it measures

    def statistic_list(self, since: datetime | None = None, *, max_rows: int | None = None) -> list[Row]:
        """What was measured of the installation since then, the oldest first."""
        return self._rows("statistic_list", since=since, max_rows=max_rows)

    def tenant_size_list(self, slug: str | None = None, *, max_rows: int | None = None) -> list[Row]:
        """What a tenant's schema took over time, the oldest first; without a slug the last of each, largest first."""
        return self._rows("tenant_size_list", slug=slug, max_rows=max_rows)

    # The reserve

    def reserve_set(self, template: str | None = None, size: int | None = None) -> None:
        """Says how many ready-made schemas of a template the keeper has ready; None: it leaves the reserve alone."""
        self._value("reserve_set", template=template, size=size)
