"""The command line: a command is one call of the API and how its answer is shown."""

from __future__ import annotations

from freehold import __version__
from freehold.cli import (
    access,
    access_log,
    api_key,
    audit,
    break_glass,
    call,
    demo,
    doctor,
    drift,
    embedded,
    eraser,
    erasure,
    event,
    export,
    fleet,
    gate,
    harden,
    hold,
    install,
    invitation,
    keep,
    key,
    ledger,
    limit,
    mask,
    member,
    metric,
    migrate,
    migration,
    operation,
    outbox,
    pgtap,
    psql,
    reserve,
    role,
    rollout,
    rollup,
    serve,
    setting,
    signup,
    statistic,
    template,
    tenant,
    trail,
    user,
    verify,
)
from freehold.cli.base import Main, click, common

_HELP = """
freehold: each tenant of a SaaS in a PostgreSQL schema of its own.

\b
Where the database is, the first of:
  --dsn, FREEHOLD_DSN       a connection string or URI
  PGHOST, PGSERVICE, ...    libpq's variables; passwords from ~/.pgpass too
  the embedded server       while it runs (freehold embedded start)

\b
Exit codes:
  0 done            3 not found    5 not allowed      7 integrity
  2 bad input       4 conflict     6 busy, try again  1 anything else
"""

_EPILOG = """
\b
Examples:
  freehold embedded start
  freehold install
  freehold template create default
  freehold template apply default migrations/*.sql
  freehold template freeze default
  freehold tenant provision acme --display-name 'Acme Ltd'
  freehold gate grant operator
  freehold psql acme -c 'select count(*) from ticket'
  freehold migration new add_note && freehold rollout run
"""


@click.group(cls=Main, help=_HELP, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@common
@click.version_option(__version__, prog_name="freehold")
def main() -> None:
    """The root command; its help is above."""


for _command in (
    *install.COMMANDS,
    template.template,
    migration.migration,
    tenant.tenant,
    drift.drift,
    doctor.doctor,
    metric.metric,
    harden.harden,
    verify.verify,
    gate.gate,
    access.reader,
    access.login,
    break_glass.break_glass,
    user.user,
    member.member,
    role.role,
    invitation.invitation,
    api_key.api_key,
    limit.limit,
    hold.hold,
    erasure.erasure,
    eraser.eraser,
    key.key,
    access_log.access_log,
    mask.mask,
    audit.audit,
    operation.operation,
    outbox.outbox,
    event.event,
    reserve.reserve,
    keep.keep,
    keep.task,
    statistic.statistic,
    migrate.migrate,
    rollout.rollout,
    signup.signup,
    fleet.fleet,
    rollup.rollup,
    setting.setting,
    serve.serve,
    serve.service,
    call.call,
    psql.psql,
    embedded.embedded,
    pgtap.pgtap,
    demo.demo,
):
    main.add_command(_command)

for _command in export.COMMANDS:
    tenant.tenant.add_command(_command)

for _command in ledger.COMMANDS:
    migration.migration.add_command(_command)
for _command in trail.COMMANDS:
    audit.audit.add_command(_command)
