"""The functions of migrations and rollouts, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from freehold.calls import Calls, Row


class Rollouts(Calls):
    """Migrations of one home (a tenant's slug, or a template's name after ``@``), and rollouts over the fleet."""

    # Migrations

    def migration_apply(
        self, home: str, migration_id: str, script: str, source_digest: str | None = None
    ) -> Row | None:
        """Applies a migration to one home; returns its row of the ledger, None where that was done already."""
        return _done(
            self._row(
                "migration_apply", home=home, migration_id=migration_id, script=script, source_digest=source_digest
            )
        )

    def migration_rollback(
        self, home: str, migration_id: str, script: str, source_digest: str | None = None
    ) -> Row | None:
        """Takes a migration back from one home; returns its row of the ledger, None where there was nothing to do."""
        return _done(
            self._row(
                "migration_rollback", home=home, migration_id=migration_id, script=script, source_digest=source_digest
            )
        )

    def migration_backfill(self, home: str, migration_id: str, script: str, source_digest: str | None = None) -> bool:
        """One batch of a backfill; whether it was the last."""
        return bool(
            self._value(
                "migration_backfill", home=home, migration_id=migration_id, script=script, source_digest=source_digest
            )
        )

    def migration_begin(
        self,
        home: str,
        migration_id: str,
        source_digest: str | None = None,
        text_digest: str | None = None,
        direction: str | None = None,
    ) -> Row:
        """Lets this login set the owner's role until ``migration_end``."""
        return self._row(
            "migration_begin",
            home=home,
            migration_id=migration_id,
            source_digest=source_digest,
            text_digest=text_digest,
            direction=direction,
        )

    def migration_end(
        self,
        home: str,
        migration_id: str,
        done: bool | None = None,
        direction: str | None = None,
        invalid: Sequence[str] | None = None,
    ) -> Row | None:
        """Ends what ``migration_begin`` began in this session, done or given up."""
        return _done(
            self._row(
                "migration_end",
                home=home,
                migration_id=migration_id,
                done=done,
                direction=direction,
                invalid=_list(invalid),
            )
        )

    def migration_mark(
        self,
        home: str,
        migration_ids: Sequence[str],
        source_digests: Sequence[str | None] | None = None,
        applied: bool | None = None,
    ) -> int:
        """Says in the ledger that migrations were applied, or not, without running them; returns how many."""
        marked = self._value(
            "migration_mark",
            home=home,
            migration_ids=_list(migration_ids),
            source_digests=_list(source_digests),
            applied=applied,
        )
        return int(str(marked))

    def migration_list(self, home: str) -> list[Row]:
        """The ledger of one home, in the order of application."""
        return self._rows("migration_list", home=home)

    def migration_export(self, home: str) -> int:
        """Writes the ledger into yoyo's tables in the schema; returns how many migrations it has."""
        return int(str(self._value("migration_export", home=home)))

    def migration_import(self, home: str) -> int:
        """Reads yoyo's table in the schema into the ledger; returns how many rows that changed."""
        return int(str(self._value("migration_import", home=home)))

    def migration_home(self, home: str) -> Row:
        """What a migration is rendered for."""
        return self._row("migration_home", home=home)

    def migration_missing(self, template: str, migration_ids: Sequence[str]) -> list[Row]:
        """Which of these are not everywhere, and how many tenants lack them."""
        return self._rows("migration_missing", template=template, migration_ids=_list(migration_ids))

    def migration_changed(self, template: str, digests: Mapping[str, str]) -> list[Row]:
        """Which of these files are not what tenants of the template ran, by id and SHA-256 (hex)."""
        return self._rows("migration_changed", template=template, digests=digests)

    def migration_status(self, template: str | None = None) -> list[Row]:
        """Where each tenant stands, the floor of a template's fleet first."""
        return self._rows("migration_status", template=template)

    # Rollouts

    def rollout_create(
        self,
        template: str,
        migrations: Sequence[Mapping[str, Any]],
        *,
        canaries: Sequence[str] | None = None,
        first_wave: int | None = None,
        growth: float | None = None,
        lock_timeout: timedelta | str | None = None,
        statement_timeout: timedelta | str | None = None,
        max_failures: int | None = None,
        max_failure_percent: float | None = None,
        attempts: int | None = None,
        pause_after: str | None = None,
        acknowledged: Sequence[str] | None = None,
    ) -> Row:
        """Plans a rollout of migrations (``id``, ``digest``, ``contract`` each); returns its row."""
        return self._row(
            "rollout_create",
            template=template,
            migrations=Jsonb([dict(migration) for migration in migrations]),
            canaries=_list(canaries),
            first_wave=first_wave,
            growth=_decimal(growth),
            lock_timeout=lock_timeout,
            statement_timeout=statement_timeout,
            max_failures=max_failures,
            max_failure_percent=_decimal(max_failure_percent),
            attempts=attempts,
            pause_after=pause_after,
            acknowledged=_list(acknowledged),
        )

    def rollout_start(self, id: int, plan_digest: str) -> Row:  # noqa: A002  the function's own name
        """Starts the rollout whose plan has this digest."""
        return self._row("rollout_start", id=id, plan_digest=plan_digest)

    def rollout_claim(
        self, id: int, worker: str, max_tenants: int | None = None, lease: timedelta | None = None  # noqa: A002
    ) -> list[Row]:  # fmt: skip
        """Takes the next tenants for a worker, with what is to be done to each."""
        return self._rows("rollout_claim", id=id, worker=worker, max_tenants=max_tenants, lease=lease)

    def rollout_apply(self, lease: UUID, migration_id: str, script: str) -> list[str]:
        """One step of a lease; returns the migrations that are left."""
        return _names(self._value("rollout_apply", lease=lease, migration_id=migration_id, script=script))

    def rollout_backfill(self, lease: UUID, migration_id: str, script: str) -> Row:
        """One batch of a backfill of a lease: whether it is finished, and what is left."""
        return self._row("rollout_backfill", lease=lease, migration_id=migration_id, script=script)

    def rollout_begin(self, lease: UUID, migration_id: str, text_digest: str | None = None) -> Row:
        """Lets this login set the owner's role of a lease's tenant until ``rollout_end``."""
        return self._row("rollout_begin", lease=lease, migration_id=migration_id, text_digest=text_digest)

    def rollout_end(
        self, lease: UUID, migration_id: str, done: bool | None = None, invalid: Sequence[str] | None = None
    ) -> list[str]:
        """Ends what ``rollout_begin`` began in this session; returns the migrations that are left."""
        return _names(
            self._value("rollout_end", lease=lease, migration_id=migration_id, done=done, invalid=_list(invalid))
        )

    def rollout_fail(self, lease: UUID, sqlstate: str, message: str, migration_id: str | None = None) -> str:
        """Records what a step raised; returns the tenant's state: pending, failed or skipped."""
        return str(
            self._value("rollout_fail", lease=lease, sqlstate=sqlstate, message=message, migration_id=migration_id)
        )

    def rollout_release(self, leases: Sequence[UUID]) -> int:
        """Gives back tenants that were claimed and not begun; returns how many."""
        return int(str(self._value("rollout_release", leases=_list(leases))))

    def rollout_pause(self, id: int, reason: str | None = None) -> Row:  # noqa: A002
        """Stops claims; what workers have begun is finished."""
        return self._row("rollout_pause", id=id, reason=reason)

    def rollout_resume(self, id: int, reason: str | None = None) -> Row:  # noqa: A002
        """Goes on with a rollout that was paused or halted."""
        return self._row("rollout_resume", id=id, reason=reason)

    def rollout_abort(self, id: int, reason: str | None = None) -> Row:  # noqa: A002
        """Ends a rollout for good; tenants that have it keep it."""
        return self._row("rollout_abort", id=id, reason=reason)

    def rollout_retry(self, id: int, slugs: Sequence[str] | None = None) -> Row:  # noqa: A002
        """Has tenants that failed tried again."""
        return self._row("rollout_retry", id=id, slugs=_list(slugs))

    def rollout_rollback(self, id: int, migrations: Sequence[str] | None = None) -> Row:  # noqa: A002
        """Plans a rollout that takes another one back; returns its row."""
        return self._row("rollout_rollback", id=id, migrations=_list(migrations))

    def rollout_get(self, id: int) -> Row:  # noqa: A002
        """One rollout."""
        return self._row("rollout_get", id=id)

    def rollout_list(self, template: str | None = None, max_rows: int | None = None) -> list[Row]:
        """The newest rollouts first."""
        return self._rows("rollout_list", template=template, max_rows=max_rows)

    def rollout_status(self, id: int) -> list[Row]:  # noqa: A002
        """How far a rollout is, wave by wave."""
        return self._rows("rollout_status", id=id)

    def rollout_tenants(
        self, id: int, progress: str | None = None, after: str | None = None, max_rows: int | None = None  # noqa: A002
    ) -> list[Row]:  # fmt: skip
        """The tenants of a rollout by slug, in one state or in any."""
        return self._rows("rollout_tenants", id=id, progress=progress, after=after, max_rows=max_rows)

    def rollout_migrations(self, id: int) -> list[Row]:  # noqa: A002
        """The migrations of a rollout in its order."""
        return self._rows("rollout_migrations", id=id)


def _done(row: Row) -> Row | None:
    """The row of a composite, or None where that is null: it comes back as a row of nulls."""
    return None if all(value is None for value in row.values()) else row


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
