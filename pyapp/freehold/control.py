"""The public SQL functions, one method each.

A method is one call: names, defaults and rules are the function's, and so are the errors.
``select * from freehold.tenant_get('acme')`` and ``control.tenant_get("acme")`` are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from freehold.calls import Row
from freehold.control_access_log import AccessLog
from freehold.control_api_keys import ApiKeys
from freehold.control_audit import Audit
from freehold.control_break_glass import BreakGlass
from freehold.control_erasure import Erasures
from freehold.control_events import Events
from freehold.control_exports import Exports
from freehold.control_fleet import Fleet
from freehold.control_keeper import Keepers
from freehold.control_masks import Masks
from freehold.control_members import Members
from freehold.control_rollouts import Rollouts
from freehold.control_signups import Signups

__all__ = ["Control", "Row"]


class Control(
    AccessLog, ApiKeys, Audit, BreakGlass, Erasures, Events, Exports, Fleet, Keepers, Masks, Members, Rollouts, Signups
):
    """The control plane over a connection.

    Transactions are the caller's: nothing is committed here. An argument left at None is not
    sent, so the function's own default holds.

    Args:
        connection: A connection to a database that has freehold installed.
    """

    # Tenants

    def tenant_provision(
        self,
        slug: str,
        template: str | None = None,
        *,
        display_name: str | None = None,
        external_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Row:
        """Makes a tenant from a template's frozen version; returns its registry row."""
        return self._row(
            "tenant_provision",
            slug=slug,
            template=template,
            display_name=display_name,
            external_id=external_id,
            settings=settings,
        )

    def tenant_clone(
        self,
        source: str,
        target: str,
        *,
        with_data: bool | None = None,
        mask: bool | None = None,
        display_name: str | None = None,
        external_id: str | None = None,
    ) -> Row:
        """Makes a tenant from another one; returns its registry row."""
        return self._row(
            "tenant_clone",
            source=source,
            target=target,
            with_data=with_data,
            mask=mask,
            display_name=display_name,
            external_id=external_id,
        )

    def tenant_rename(self, slug: str, new_slug: str) -> Row:
        """Gives a tenant another slug, schema and roles with it; returns its registry row."""
        return self._row("tenant_rename", slug=slug, new_slug=new_slug)

    def tenant_suspend(self, slug: str, reason: str | None = None) -> Row:
        """Stops a tenant's roles from getting in; returns its registry row."""
        return self._row("tenant_suspend", slug=slug, reason=reason)

    def tenant_resume(self, slug: str) -> Row:
        """Ends a suspension; returns the tenant's registry row."""
        return self._row("tenant_resume", slug=slug)

    def tenant_retire(self, slug: str, *, grace: timedelta | str | None = None, reason: str | None = None) -> Row:
        """Takes a tenant out of service, to be erased after the grace period (an interval)."""
        return self._row("tenant_retire", slug=slug, grace=grace, reason=reason)

    def tenant_reinstate(self, slug: str) -> Row:
        """Puts a retired tenant back into service; returns its registry row."""
        return self._row("tenant_reinstate", slug=slug)

    def tenant_erase(self, slug: str, reason: str) -> None:
        """Erases a tenant: schema, roles and all that names it.

        Commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        # An empty reason is refused like none, and by the same message.
        self._call("tenant_erase", slug=slug, reason=reason or "")

    def tenant_erase_step(self, slug: str, reason: str | None = None) -> Row:
        """One batch of an erasure, for clients that cannot CALL; returns the operation's row."""
        return self._row("tenant_erase_step", slug=slug, reason=reason)

    def tenant_provision_staged(
        self,
        slug: str,
        template: str | None = None,
        *,
        display_name: str | None = None,
        external_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """``tenant_provision`` that commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call(
            "tenant_provision_staged",
            slug=slug,
            template=template,
            display_name=display_name,
            external_id=external_id,
            settings=settings,
        )

    def tenant_provision_step(
        self,
        slug: str,
        template: str | None = None,
        *,
        display_name: str | None = None,
        external_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Row:
        """Begins a provision that commits by batch, or goes on with it; returns the operation's row."""
        return self._row(
            "tenant_provision_step",
            slug=slug,
            template=template,
            display_name=display_name,
            external_id=external_id,
            settings=settings,
        )

    def tenant_clone_staged(
        self,
        source: str,
        target: str,
        *,
        with_data: bool | None = None,
        mask: bool | None = None,
        display_name: str | None = None,
        external_id: str | None = None,
    ) -> None:
        """``tenant_clone`` that commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call(
            "tenant_clone_staged",
            source=source,
            target=target,
            with_data=with_data,
            mask=mask,
            display_name=display_name,
            external_id=external_id,
        )

    def tenant_clone_step(
        self,
        source: str,
        target: str,
        *,
        with_data: bool | None = None,
        mask: bool | None = None,
        display_name: str | None = None,
        external_id: str | None = None,
    ) -> Row:
        """Begins a clone that commits by batch, or goes on with it; returns the operation's row."""
        return self._row(
            "tenant_clone_step",
            source=source,
            target=target,
            with_data=with_data,
            mask=mask,
            display_name=display_name,
            external_id=external_id,
        )

    def tenant_get(self, slug: str) -> Row:
        """The registry row of a tenant."""
        return self._row("tenant_get", slug=slug)

    def tenant_list(
        self,
        *,
        state: str | None = None,
        template: str | None = None,
        search: str | None = None,
        after: str | None = None,
        max_rows: int | None = None,
    ) -> list[Row]:
        """Registry rows in the order of slugs; ``after`` a slug gives the next page."""
        return self._rows("tenant_list", state=state, template=template, search=search, after=after, max_rows=max_rows)

    def tenant_slug(self, external_id: str) -> str:
        """The slug that is derived from an external id."""
        return str(self._value("tenant_slug", external_id=external_id))

    def tenant_drift(self, slug: str) -> list[Row]:
        """Where a tenant's schema differs from the template version it was built from."""
        return self._rows("tenant_drift", slug=slug)

    def tenant_repair(self, slug: str, *, allow_data_loss: bool | None = None) -> list[Row]:
        """The statements that bring a tenant's schema back to its template version; nothing is run."""
        return self._rows("tenant_repair", slug=slug, allow_data_loss=allow_data_loss)

    def fleet_drift(self, after: str | None = None, max_rows: int | None = None) -> list[Row]:
        """Which tenants differ from their templates, and in how many objects; ``after`` a slug gives the next page."""
        return self._rows("fleet_drift", after=after, max_rows=max_rows)

    # Templates

    def template_create(self, name: str) -> Row:
        """Makes a template with an empty schema; returns its row."""
        return self._row("template_create", name=name)

    def template_copy(self, source: str, name: str) -> Row:
        """Makes a template from the frozen version of another; returns its row."""
        return self._row("template_copy", source=source, name=name)

    def template_adopt(self, name: str, schema: str) -> Row:
        """Makes an existing schema a template; ``schema`` as SQL writes it; returns its row."""
        return self._row("template_adopt", name=name, schema=schema)

    def template_adopt_staged(self, name: str, schema: str) -> None:
        """``template_adopt`` that commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call("template_adopt_staged", name=name, schema=schema)

    def template_adopt_step(self, name: str, schema: str | None = None) -> Row:
        """Begins an adoption that commits by batch, or goes on with it; returns the operation's row."""
        return self._row("template_adopt_step", name=name, schema=schema)

    def template_apply(self, name: str, script: str) -> None:
        """Runs SQL in a template's schema, as the template's owner."""
        self._row("template_apply", name=name, script=script)

    def template_freeze(self, name: str) -> Row:
        """Freezes a template as it is; returns the version, the same one for the same content."""
        return self._row("template_freeze", name=name)

    def template_list(self) -> list[Row]:
        """All templates with version, tenants and whether they changed since they were frozen."""
        return self._rows("template_list")

    def template_drop(self, name: str) -> None:
        """Removes a template that no tenant was built from."""
        self._row("template_drop", name=name)

    def template_drop_staged(self, name: str) -> None:
        """``template_drop`` that commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call("template_drop_staged", name=name)

    def template_drop_step(self, name: str) -> Row:
        """Begins to drop a template by batch, or goes on with it; returns the operation's row."""
        return self._row("template_drop_step", name=name)

    # The reserve

    def reserve_fill(self, template: str | None = None, size: int | None = None) -> None:
        """Makes what the reserve lacks, and drops what is stale.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call("reserve_fill", template=template, size=size)

    def reserve_fill_step(self, template: str | None = None, size: int | None = None) -> int:
        """One step of making or dropping a schema of the reserve; returns how many schemas are left to do."""
        return int(str(self._value("reserve_fill_step", template=template, size=size)))

    def reserve_status(self) -> list[Row]:
        """Ready and stale schemas of the reserve, by template."""
        return self._rows("reserve_status")

    # Schemas

    def schema_ddl(self, ns: str) -> list[Row]:
        """The statements that make a schema, in order; ``ns`` as SQL writes it."""
        return self._rows("schema_ddl", ns=ns)

    def schema_diff(self, a: str, b: str) -> list[Row]:
        """What differs between two schemas, names of schema and roles aside."""
        return self._rows("schema_diff", a=a, b=b)

    def schema_fingerprint(self, ns: str) -> str:
        """A hash (sha256, hex) that two schemas of equal DDL share."""
        return str(self._value("schema_fingerprint", ns=ns))

    # Access

    def reader_create(self, slug: str) -> Row:
        """Gives a tenant a read-only role, or grants it its rights anew; returns the registry row."""
        return self._row("reader_create", slug=slug)

    def reader_drop(self, slug: str) -> Row:
        """Drops a tenant's read-only role; returns the registry row."""
        return self._row("reader_drop", slug=slug)

    def login_enable(
        self,
        slug: str,
        access: str | None = None,
        *,
        verifier: str | None = None,
        connection_limit: int | None = None,
    ) -> Row:
        """Lets a tenant's runtime role log in by itself; returns the registry row.

        Args:
            slug: The tenant.
            access: ``write`` (the default) or ``read``.
            verifier: A SCRAM-SHA-256 verifier, as ``connection.pgconn.encrypt_password()`` makes
                it of a password; without one the password stays as it is.
            connection_limit: Sessions at one time; -1 for no limit.
        """
        return self._row("login_enable", slug=slug, access=access, verifier=verifier, connection_limit=connection_limit)

    def login_disable(self, slug: str, access: str | None = None) -> Row:
        """Takes that login away, its password and sessions with it; returns the registry row."""
        return self._row("login_disable", slug=slug, access=access)

    def gate_grant(self, login: str, cell: int | None = None) -> None:
        """Lets an application's login reach the runtime roles of a cell, or of all cells there are and will be."""
        self._row("gate_grant", login=login, cell=cell)

    def gate_revoke(self, login: str, cell: int | None = None) -> None:
        """Takes a cell's gate back from a login, or every gate."""
        self._row("gate_revoke", login=login, cell=cell)

    # Limits

    def limit_set(self, slug: str, name: str, value: str | int) -> Row:
        """Limits what a tenant may use; returns its registry row.

        Args:
            slug: The tenant.
            name: ``statement_timeout``, ``lock_timeout``, ``idle_in_transaction_session_timeout``, ``work_mem``,
                ``temp_file_limit``, ``connections`` or ``concurrency``.
            value: As PostgreSQL writes it; a number is milliseconds, kB or how many.

        Raises:
            TenantNotFound: No tenant has this slug.
            InvalidArgument: The name is no limit's, or PostgreSQL does not take the value.
            WrongState: The tenant is neither active nor suspended.
            NotAllowed: It is ``temp_file_limit``, and no superuser has allowed it.
        """
        return self._row("limit_set", slug=slug, name=name, value=str(value))

    def limit_reset(self, slug: str, name: str | None = None) -> Row:
        """Takes a tenant's limit back, all of them where no name is given; returns its registry row."""
        return self._row("limit_reset", slug=slug, name=name)

    def limit_list(self, slug: str | None = None) -> list[Row]:
        """The limits of a tenant, or of all that have some."""
        return self._rows("limit_list", slug=slug)

    # Operations, settings, context

    def operation_list(
        self, *, slug: str | None = None, state: str | None = None, max_rows: int | None = None,
        before: int | None = None,
    ) -> list[Row]:  # fmt: skip
        """The operation log, latest first.

        Args:
            slug: Only those of this tenant or template.
            state: Only those in this state.
            max_rows: At most so many.
            before: Only older ones than this number: the next page.
        """
        return self._rows("operation_list", slug=slug, state=state, max_rows=max_rows, before=before)

    def operation_get(self, id: int) -> Row:  # noqa: A002  the SQL function's name for it
        """An operation by its number."""
        return self._row("operation_get", id=id)

    def operation_step(self, id: int) -> Row:  # noqa: A002  the SQL function's name for it
        """The next batch of a staged operation; returns its row, until that is no longer running."""
        return self._row("operation_step", id=id)

    def operation_resume(self, id: int) -> None:  # noqa: A002  the SQL function's name for it
        """Goes on with a staged operation to its end.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call("operation_resume", id=id)

    def operation_undo(self, id: int) -> None:  # noqa: A002  the SQL function's name for it
        """Takes a staged provision, clone or adoption back that has not ended.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
        """
        self._call("operation_undo", id=id)

    def operation_undo_step(self, id: int) -> Row:  # noqa: A002  the SQL function's name for it
        """Takes a staged provision, clone or adoption back; returns the row of the erasure, to be gone on with."""
        return self._row("operation_undo_step", id=id)

    def operation_stop(self, id: int, sqlstate: str, message: str) -> Row:  # noqa: A002  the SQL function's name for it
        """Records why a staged operation stopped; returns its row."""
        return self._row("operation_stop", id=id, sqlstate=sqlstate, message=message)

    def operation_failed(self, kind: str, slug: str | None, sqlstate: str, message: str) -> Row:
        """Records a call that failed and was rolled back; returns the operation's row."""
        given = {"kind": kind, "slug": slug, "sqlstate": sqlstate, "message": message}
        return self._fetch("operation_failed", given)[0]

    def doctor(self, *, deep: bool | None = None) -> list[Row]:
        """What is wrong with server, control plane, roles, grants and schemas, and what mends it.

        Args:
            deep: Compare every tenant's schema with its template as well.
        """
        return self._rows("doctor", deep=deep)

    def metric_list(self) -> list[Row]:
        """Figures for monitoring; none names a tenant."""
        return self._rows("metric_list")

    def isolation_check(self) -> list[Row]:
        """What tenants reach outside their own schemas, by the catalogs; nothing is written."""
        return self._rows("isolation_check")

    def isolation_coverage(self) -> list[Row]:
        """How much ``isolation_check`` asks, by kind of object; the row ``own schema`` is what tenants must hold."""
        return self._rows("isolation_coverage")

    # Settings

    def setting_get(self, name: str) -> str:
        """The value of a setting."""
        return str(self._value("setting_get", name=name))

    def setting_set(self, name: str, value: str) -> None:
        """Changes a setting."""
        self._row("setting_set", name=name, value=value)

    def setting_list(self) -> list[Row]:
        """All settings."""
        return self._rows("setting_list")

    # The tenant of a transaction

    def tenant_context(self, slug: str, access: str | None = None) -> Row:
        """What a transaction for a tenant sets: role with its id, path, limits; and the cell.

        Args:
            slug: The tenant.
            access: ``write`` (the default) or ``read``.

        Raises:
            TenantNotFound: No tenant has this slug.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
            OtherTenant: A tenant's own role asks about another.
        """
        return self._row("tenant_context", slug=slug, access=access)

    def tenant_enter(self, slug: str, actor: str | None = None, access: str | None = None) -> str:
        """Makes the rest of the open transaction the tenant's; returns the slug.

        Args:
            slug: The tenant.
            actor: Who acts; None for the login.
            access: ``write`` (the default) or ``read``.

        Raises:
            TenantNotFound: No tenant has this slug.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
            OtherTenant: The transaction is another tenant's.
            NotAllowed: The login has not passed the gate of the tenant's cell.
        """
        return str(self._value("tenant_enter", slug=slug, actor=actor, access=access))

    def tenant_leave(self) -> None:
        """Ends the context before the transaction does."""
        self._row("tenant_leave")

    def tenant_current(self) -> str:
        """The slug of the tenant as whom the connection acts.

        Raises:
            NoTenantContext: Its role is no tenant's.
        """
        return str(self._value("tenant_current"))

    def actor_current(self) -> str:
        """Who acts in this transaction."""
        return str(self._value("actor_current"))

    def version(self) -> str:
        """The version of freehold that is installed in the database."""
        return str(self._value("version"))

    # How a function is called
