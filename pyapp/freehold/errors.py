"""The errors that freehold's SQL functions raise, as Python classes.

psycopg raises these itself: each class registers the SQLSTATE it stands for, so
``except TenantNotFound`` works on any connection once freehold is imported.

    psycopg.DatabaseError
      FreeholdError
        BadInput        FH0xx   HTTP 422   exit code 2
        NotFound        FH1xx   HTTP 404   exit code 3
        Conflict        FH2xx   HTTP 409   exit code 4
        Denied          FH3xx   HTTP 403   exit code 5
        TryAgain        FH4xx   HTTP 503   exit code 6
        Unsound         FH5xx   HTTP 500   exit code 7

docs/errors.md says what each one means and what to do about it.
"""

from __future__ import annotations

from typing import ClassVar

import psycopg


class FreeholdError(psycopg.DatabaseError):
    """What freehold raises.

    Attributes:
        http_status: HTTP status that a service answers with.
        exit_code: What the command line exits with.
    """

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1


class BadInput(FreeholdError):
    """An argument is not acceptable (FH0xx)."""

    http_status = 422
    exit_code = 2


class NotFound(FreeholdError):
    """Nothing has that name (FH1xx)."""

    http_status = 404
    exit_code = 3


class Conflict(FreeholdError):
    """The state of things does not allow it (FH2xx)."""

    http_status = 409
    exit_code = 4


class Denied(FreeholdError):
    """No tenant is set, or the caller may not (FH3xx)."""

    http_status = 403
    exit_code = 5


class TryAgain(FreeholdError):
    """Something else is at work on it; the same call may succeed later (FH4xx)."""

    http_status = 503
    exit_code = 6


class Unsound(FreeholdError):
    """The database is not what the registry says it is (FH5xx)."""

    http_status = 500
    exit_code = 7


class InvalidSlug(BadInput, code="FH001"):
    """A slug is not a DNS label of at most 40 bytes."""


class InvalidExternalId(BadInput, code="FH002"):
    """An external id is empty once it is normalised, or too long."""


class InvalidArgument(BadInput, code="FH003"):
    """An argument is null, out of range or malformed."""


class NotSupported(BadInput, code="FH004"):
    """The server, or the object, is of a kind that freehold does not serve."""


class NameTooLong(BadInput, code="FH005"):
    """A schema or role name would be longer than 63 bytes."""


class SchemaNotPortable(BadInput, code="FH006"):
    """The schema holds something that cannot be carried into another schema."""


class TransactionOpen(BadInput, code="FH007"):
    """The call commits on the way, and a transaction is open."""


class NotRendered(BadInput, code="FH008"):
    """A migration cannot be rendered for a tenant."""


class TenantNotFound(NotFound, code="FH101"):
    """No tenant has this slug."""


class TemplateNotFound(NotFound, code="FH102"):
    """No template has this name."""


class OperationNotFound(NotFound, code="FH103"):
    """No operation has this number."""


class ReaderNotFound(NotFound, code="FH104"):
    """The tenant has no read-only role."""


class SettingNotFound(NotFound, code="FH105"):
    """No setting has this name."""


class SchemaNotFound(NotFound, code="FH106"):
    """The schema does not exist."""


class RolloutNotFound(NotFound, code="FH107"):
    """No rollout has this number."""


class NotInRollout(NotFound, code="FH108"):
    """The rollout has no migration of this name."""


class BreakGlassNotFound(NotFound, code="FH110"):
    """No break-glass request has this number."""


class HoldNotFound(NotFound, code="FH121"):
    """The tenant is not under this hold, or under none."""


class ErasureNotFound(NotFound, code="FH122"):
    """No erased tenant, or erasure, has this id."""


class EraserNotFound(NotFound, code="FH123"):
    """No eraser, or task of one, has this name."""


class KeyNotFound(NotFound, code="FH131"):
    """No key of a tenant has this public half or version."""


class UserNotFound(NotFound, code="FH141"):
    """No user has this id."""


class MemberNotFound(NotFound, code="FH142"):
    """The user is no member of the tenant."""


class RoleNotFound(NotFound, code="FH143"):
    """No role has this name."""


class InvitationNotFound(NotFound, code="FH144"):
    """The invitation is not valid."""


class SignupNotFound(NotFound, code="FH151"):
    """No sign-up has this number."""


class TaskNotFound(NotFound, code="FH161"):
    """No task has this name."""


class RollupNotFound(NotFound, code="FH170"):
    """No rollup has this name."""


class FleetQueryNotFound(NotFound, code="FH171"):
    """No fleet query has this number, or it is another login's."""


class ApiKeyNotFound(NotFound, code="FH181"):
    """No API key has this id."""


class TenantExists(Conflict, code="FH201"):
    """The slug is taken."""


class WrongState(Conflict, code="FH202"):
    """The tenant, template, setting or user is in a state that does not allow the call."""


class ExternalIdTaken(Conflict, code="FH203"):
    """Another tenant has an external id that normalises to the same."""


class TemplateExists(Conflict, code="FH204"):
    """The template's name is taken."""


class TemplateInUse(Conflict, code="FH205"):
    """Tenants were built from the template."""


class OutsideDependents(Conflict, code="FH206"):
    """Objects outside the schema depend on it and would go along."""


class GracePeriod(Conflict, code="FH207"):
    """A retired tenant is kept until its grace period is over."""


class TemplateNotFrozen(Conflict, code="FH208"):
    """The template has no frozen version to build from."""


class NameTaken(Conflict, code="FH209"):
    """A schema or role of the name that is needed exists already."""


class TenantsExist(Conflict, code="FH211"):
    """freehold cannot be uninstalled while tenants exist."""


class MigrationChanged(Conflict, code="FH212"):
    """A migration's file was changed after somebody ran it."""


class ContractTooEarly(Conflict, code="FH213"):
    """A contract step is refused until every tenant stands at its expand step."""


class RolloutOpen(Conflict, code="FH214"):
    """Another rollout of the template is open."""


class PlanChanged(Conflict, code="FH215"):
    """The digest is another plan's."""


class LeaseOver(Conflict, code="FH216"):
    """The lease, or the session, has no claim to this migration."""


class UnderHold(Conflict, code="FH221"):
    """The tenant is under legal hold and may not be erased."""


class ErasureOpen(Conflict, code="FH222"):
    """The erasure is not complete: tasks are open, or something was found left over."""


class HorizonAhead(Conflict, code="FH223"):
    """Copies may still exist: the longest retention has not passed, or is not known."""


class MaskIncomplete(Conflict, code="FH227"):
    """A masked clone would show personal data, or break keys."""


class KeyDestroyed(Conflict, code="FH231"):
    """The key is destroyed, or was wrapped anew meanwhile."""


class TransferOpen(Conflict, code="FH232"):
    """An export or restore was not begun, or not ended, in this transaction."""


class LastOwner(Conflict, code="FH241"):
    """A tenant would be left without an owner."""


class EmailTaken(Conflict, code="FH242"):
    """Another user has this e-mail."""


class RoleInUse(Conflict, code="FH243"):
    """Members or invitations have the role."""


class MemberExists(Conflict, code="FH244"):
    """The user is a member already, otherwise than was asked for."""


class KeyReused(Conflict, code="FH251"):
    """The idempotency key was used for another request."""


class SlugClaimed(Conflict, code="FH252"):
    """A sign-up has claimed the slug."""


class SignupOver(Conflict, code="FH253"):
    """The sign-up is in a state that does not allow the call, or what it asked for is forgotten."""


class NotLeading(Conflict, code="FH261"):
    """The keeper does not lead, or not any more."""


class AnswerTooLarge(Conflict, code="FH271"):
    """A tenant's answer to a fleet query has more rows or bytes than were asked for."""


class FleetQueryNotBegun(Conflict, code="FH272"):
    """The beginning of a fleet query is not committed."""


class ApiKeyExists(Conflict, code="FH281"):
    """An API key has, or had, this name."""


class ApiKeyOver(Conflict, code="FH282"):
    """The API key is revoked or expired."""


class NoTenantContext(Denied, code="FH301"):
    """No tenant is set."""


class TenantSuspended(Denied, code="FH302"):
    """The tenant is suspended."""


class NotAllowed(Denied, code="FH303"):
    """The caller's role may not do this."""


class TenantRetired(Denied, code="FH304"):
    """The tenant is retired."""


class OtherTenant(Denied, code="FH305"):
    """The context is another tenant's."""


class NotPermitted(Denied, code="FH306"):
    """The user may not do this in the tenant."""


class RolesNotHeld(Denied, code="FH381"):
    """An API key would have roles that the caller has not."""


class Busy(TryAgain, code="FH401"):
    """Another session is at work on the tenant or template."""


class LockTableFull(TryAgain, code="FH402"):
    """One transaction would take more locks than the server has room for."""


class InvariantBroken(Unsound, code="FH501"):
    """A check that freehold makes of its own work failed."""


class Drift(Unsound, code="FH502"):
    """A schema is not what its template says."""


class AuditStale(Unsound, code="FH503"):
    """The audit of a table names columns that it has no more."""


class SealedElsewhere(Unsound, code="FH504"):
    """The seals of the audit were made in another cluster or database."""


class ExportMismatch(Unsound, code="FH531"):
    """What was restored is not what the export says; nothing was made."""


def error_classes() -> dict[str, type[FreeholdError]]:
    """The concrete error classes.

    Returns:
        Each class by the SQLSTATE it stands for, in the order of the codes.
    """
    found: dict[str, type[FreeholdError]] = {}
    pending = list(FreeholdError.__subclasses__())
    while pending:
        cls = pending.pop()
        pending.extend(cls.__subclasses__())
        if cls.sqlstate:
            found[cls.sqlstate] = cls
    return dict(sorted(found.items()))
