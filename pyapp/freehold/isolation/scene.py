"""Two tenants that exist for the attacks: the attacker and the victim, with canaries in them.

Both are made of a copy of the adopter's template, with canaries beside its own objects, and
erased at the end. Their names begin with ``PREFIX``, so that those of a run that was killed
can be told.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold.context import Limits, Tenants
from freehold.context.credentials import derive_password, derive_verifier, scram_verifier
from freehold.control import Control
from freehold.errors import FreeholdError, NotAllowed, WrongState
from freehold.isolation.attack import Model

PREFIX = "fh-probe-"
_TIMEOUT = 10.0
_OWNED = """
select o.type, o.identity
from pg_shdepend as d, pg_identify_object(d.classid, d.objid, d.objsubid) as o
where d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass and d.refobjid = current_user::regrole
    and d.dbid = (select oid from pg_database where datname = current_database())
"""
_CANARIES = """
create table freehold_canary (
    id bigint generated always as identity primary key,
    body text not null default 'fh-default-{token}' check (body <> 'fh-check-{token}'),
    code text unique
);
comment on table freehold_canary is 'fh-comment-{token}';
create type freehold_mood as enum ('fh-label-{token}');
create sequence freehold_counter start with {number};
create view freehold_canary_view as select id, body from freehold_canary where body <> 'fh-view-{token}';
create function freehold_canary_read() returns text language sql stable as
    $$select string_agg(body, ' ') from freehold_canary where body <> 'fh-source-{token}'$$;
create function freehold_canary_definer() returns text language sql stable security definer
    set search_path from current as $$select string_agg(body, ' ') from freehold_canary$$;
create function freehold_canary_write(body text) returns void language sql security definer
    set search_path from current as $$update freehold_canary set body = $1$$;
create function freehold_canary_analyze() returns void language sql security definer
    set search_path from current as $$analyze freehold_canary$$;
insert into freehold_canary (body, code) values ('fh-row-{token}-seed', 'fh-row-{token}-code');
create materialized view freehold_canary_copy as select body from freehold_canary;
"""


@dataclass
class Side:
    """One of the two tenants.

    Attributes:
        slug: Its slug.
        token: In every one of its canaries.
        number: The first value of its sequence.
        row: Its registry row, once it is made.
    """

    slug: str
    token: str
    number: int
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The name of its template."""
        return _template(self.slug)

    @property
    def schema(self) -> str:
        """The name of its schema."""
        return str(self.row["schema_name"])

    @property
    def rw_role(self) -> str:
        """The name of its runtime role."""
        return str(self.row["rw_role"])

    @property
    def owner_role(self) -> str:
        """The name of its owner."""
        return str(self.row["owner_role"])

    @property
    def row_canary(self) -> str:
        """What every one of its rows holds."""
        return f"fh-row-{self.token}"

    @property
    def shown_canaries(self) -> tuple[str, ...]:
        """What stands in its definitions, which the catalogs show to all."""
        kinds = ("default", "check", "comment", "label", "view", "source", "application")
        return tuple(f"fh-{kind}-{self.token}" for kind in kinds)


class Scene:
    """The tenants, the pools that the attacker comes through, and a session of the victim's.

    Args:
        dsn: Of an operator: a member of the administrators.
        gate: A login that has passed the gate of the open cell; None makes one for the time of the scene,
            which takes CREATEROLE.
        models: The attacker's means that are to be tried.

    Attributes:
        attacker: The one tenant.
        victim: The other.
        pools: A pool of one connection for each of the attacker's means.
        session: The victim's own session.
        run: What the slugs of this run begin with.
        mark: What the attacker writes.
        heard: What the victim sends to its channel.
        lock_key: Of an advisory lock that the victim takes.
    """

    def __init__(self, dsn: str, gate: str | None, models: Sequence[Model]) -> None:
        self.dsn, self._gate, self._models = dsn, gate, tuple(models)
        self.secret = secrets.token_bytes(32)
        run = secrets.token_hex(4)
        self.run = f"{PREFIX}{run}"
        self.attacker, self.victim = (
            Side(f"{self.run}-{name}", secrets.token_hex(6), 10**9 + secrets.randbelow(10**9)) for name in ("a", "b")
        )
        self.mark, self.heard, self._channel = (f"fh-{word}-{run}" for word in ("mark", "heard", "channel"))
        self.lock_key = secrets.randbelow(2**30)
        self._login = _login(self.attacker.slug)
        self._large_object = 0
        self.pools: dict[Model, Tenants] = {}

    @contextlib.contextmanager
    def open(self, template: str | None) -> Iterator[Scene]:
        """Makes all of it, and removes it at the end.

        Args:
            template: The adopter's template whose objects the tenants have; None for canaries alone.

        Raises:
            FreeholdError: The operator may not, or the template does not exist.
            psycopg.OperationalError: A login that is needed cannot connect.
        """
        with contextlib.ExitStack() as stack:
            self.operator = stack.enter_context(psycopg.connect(self.dsn, autocommit=True))
            self.control = Control(self.operator)
            stack.callback(self._remove)
            # For as long as the run lasts: --clean passes it over.
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                self.operator.execute("select pg_advisory_lock(hashtext(%s))", (self.run,))
            self._make(template)
            self.session = self._connect(self.victim)
            stack.callback(lambda: self.session.close())
            self._plant()
            self._prepare()
            self._names = self._name()
            for model in self._models:
                self.pools[model] = stack.enter_context(self._pool(model))
            yield self

    def fill(self, text: str) -> str:
        """A text of an attack with the names in the place of what stands for them."""
        for name, value in self._names.items():
            text = text.replace(f"<{name}>", value)
        return text

    def statements(self, texts: Sequence[str]) -> Iterator[str]:
        """The same for statements; one that names each relation or function of the victim is as many."""
        for text in texts:
            for token, objects in (("<b_relation>", self._relations), ("<b_function>", self._functions)):
                if token in text:
                    yield from (self.fill(text.replace(token, name)) for name in objects)
                    break
            else:
                yield self.fill(text)

    def restore(self) -> None:
        """Takes back what attacks have done, as far as the next one needs it, and makes what it may take."""
        for side in (self.attacker, self.victim):
            found = {str(row["id"]): row for row in self.control.tenant_list(search=side.slug)}
            row = found.get(str(side.row["id"]))
            if row is None:
                raise WrongState(f'the tenant "{side.slug}" is gone: an attack took it away')
            if row["slug"] != side.slug:
                self.control.tenant_rename(row["slug"], side.slug)
            if row["state"] == "suspended":
                self.control.tenant_resume(side.slug)
            elif row["state"] == "retired":
                self.control.tenant_reinstate(side.slug)
            self.open_login(side)
        self._tidy()
        with contextlib.suppress(psycopg.Error):
            self.session.execute("select 1")
        if self.session.closed:
            self.session = self._connect(self.victim)
            self._prepare()
        self._keep_large_object()
        self._names = self._name()

    def _tidy(self) -> None:
        """Drops what the attacker made."""
        with self._connect(self.attacker) as session:
            for kind, identity in session.execute(_OWNED).fetchall():
                with contextlib.suppress(psycopg.Error):
                    session.execute(f"drop {kind} {identity} cascade".encode())

    def open_login(self, side: Side) -> None:
        """Gives a tenant's own role the password that the pool derives."""
        verifier = derive_verifier(self.operator.pgconn, self.secret, str(side.row["id"]), side.rw_role)
        self.control.login_enable(side.slug, verifier=verifier)

    def logs_in(self, side: Side, password: str) -> bool:
        """Whether a password, or whatever is said, lets somebody in as a tenant's own role."""
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(make_conninfo(self.dsn, user=side.rw_role, password=password)),
        ):
            return True
        return False

    def _remove(self) -> None:
        remove(self.control, [slug for slug in left_over(self.control) if slug.startswith(self.run)])

    def _make(self, template: str | None) -> None:
        for side in (self.attacker, self.victim):
            if template is None:
                self.control.template_create(side.template)
            else:
                self.control.template_copy(template, side.template)
            self.control.template_apply(side.template, _CANARIES.format(token=side.token, number=side.number))
            self.control.template_freeze(side.template)
            side.row = self.control.tenant_provision(side.slug, side.template)
            self.open_login(side)

    def _connect(self, side: Side) -> psycopg.Connection[Any]:
        password = derive_password(self.secret, str(side.row["id"]), side.rw_role)
        name = f"fh-application-{side.token}"
        return psycopg.connect(
            make_conninfo(self.dsn, user=side.rw_role, password=password, application_name=name, options=""),
            autocommit=True,
        )

    def _plant(self) -> None:
        """Canaries in rows, statistics, a large object, a prepared statement, a cursor, and the last query."""
        execute = self.session.execute
        for number in range(100):
            execute(
                "insert into freehold_canary (body, code) values (%s, %s)",
                (f"{self.victim.row_canary} {number % 5}", f"{self.victim.row_canary}-{number}"),
            )
        execute("select freehold_canary_analyze()")
        execute("select nextval('freehold_counter')")

    def _prepare(self) -> None:
        """What the victim's session has beside its rows."""
        execute = self.session.execute
        execute(f"listen {self._quoted(self._channel)}".encode())
        execute(f"prepare fh_own as select '{self.victim.row_canary}'".encode())

    def _keep_large_object(self) -> None:
        """Makes one of the victim's where there is none; freehold harden takes the right to."""
        known = "select 1 from pg_largeobject_metadata where oid = %s"
        if self.operator.execute(known, (self._large_object,)).fetchone() is None:
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                made = "select lo_from_bytea(0, %s)"
                row = self.session.execute(made, (self.victim.row_canary.encode(),)).fetchone()
                self._large_object = row[0] if row else 0

    def _name(self) -> dict[str, str]:
        a, b = self.attacker, self.victim
        prefix = next(row["value"] for row in self.control.setting_list() if row["name"] == "role_prefix")
        superuser, operator, database, operator_pid = self.operator.execute(
            "select (select rolname from pg_roles where rolsuper order by oid limit 1), "
            "current_user, current_database(), pg_backend_pid()"
        ).fetchone() or ("", "", "", 0)
        cell = int(a.row["cell"])
        self._relations = self._listed(
            "select format('%%I.%%I', n.nspname, c.relname) "
            "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
            "where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') order by c.oid limit 200"
        )
        self._functions = self._listed(
            "select format('%%I.%%I', n.nspname, p.proname) "
            "from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace "
            "where n.nspname = %s and p.pronargs = 0 and p.prokind = 'f' order by p.oid limit 200"
        )
        plain = {
            "a_name": a.schema, "b_name": b.schema, "a_slug": a.slug, "b_slug": b.slug, "a_rw_name": a.rw_role,
            "b_rw_name": b.rw_role, "b_owner_name": b.owner_role, "b_code": f"{b.row_canary}-1", "mark": self.mark,
            "heard": self.heard, "channel_name": self._channel, "b_pid": str(self.session.info.backend_pid),
            "operator_pid": str(operator_pid), "b_lo": str(self._large_object), "b_lock": str(self.lock_key),
        }  # fmt: skip
        quoted = {
            "a": a.schema, "b": b.schema, "a_rw": a.rw_role, "b_rw": b.rw_role, "a_owner": a.owner_role,
            "b_owner": b.owner_role, "gate": f"{prefix}_gate_{cell:02}", "gates": f"{prefix}_gates",
            "cell": f"{prefix}_cell_{cell:02}", "control_owner": f"{prefix}_owner", "admin": f"{prefix}_admin",
            "operator": operator, "superuser": superuser, "database": database, "channel": self._channel,
        }  # fmt: skip
        return plain | {name: self._quoted(value) for name, value in quoted.items()}

    def _listed(self, query: str) -> list[str]:
        return [name for (name,) in self.operator.execute(query.encode(), (self.victim.schema,))]

    def _quoted(self, name: str) -> str:
        return sql.Identifier(name).as_string(self.operator)

    def _pool(self, model: Model) -> Tenants:
        limits = Limits(size=1, wait=_TIMEOUT)
        if model == "login":
            return Tenants(self.dsn, level="login", secret=self.secret, limits=limits, listen=False)
        if self._gate is None:
            self._gate = self._make_gate()
        self._refuse_powerful(self._gate)
        return Tenants(self._gate, limits=limits, listen=False)

    @staticmethod
    def _refuse_powerful(gate: str) -> None:
        """What a superuser's attacks did could not be taken back."""
        with psycopg.connect(gate) as connection:
            row = connection.execute(
                "select rolname from pg_roles where rolname = session_user "
                "and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)"
            ).fetchone()
        if row is not None:
            raise NotAllowed(
                f'nothing is attacked through login "{row[0]}": it may make roles or databases, or passes row-level '
                "security, and an application needs none of that"
            )

    def _make_gate(self) -> str:
        password, login = secrets.token_urlsafe(24), sql.Identifier(self._login)
        verifier = scram_verifier(self.operator.pgconn, self._login, password)
        self.operator.execute(sql.SQL("create role {} login password {}").format(login, sql.Literal(verifier)))
        self.control.gate_grant(self._login, int(self.attacker.row["cell"]))
        return make_conninfo(self.dsn, user=self._login, password=password)


def left_over(control: Control) -> list[str]:
    """Slugs of probes that are there, in whatever state: a run's that goes on, or what a killed one left."""
    templates = {row["name"] for row in control.template_list()}
    slugs = {row["slug"] for row in control.tenant_list(search=PREFIX)}
    return sorted(
        {slug for slug in slugs if slug.startswith(PREFIX)}
        | {name.replace("_", "-") for name in templates if name.startswith(_template(PREFIX))}
    )


def abandoned(control: Control, slugs: Sequence[str]) -> list[str]:
    """Those of them whose run is over."""
    try:
        return [
            slug
            for slug in slugs
            if control.connection.execute(
                "select pg_try_advisory_lock(hashtext(%s))", (slug.rpartition("-")[0],)
            ).fetchone()
            == (True,)
        ]
    except psycopg.errors.InsufficientPrivilege:
        return list(slugs)


def remove(control: Control, slugs: Sequence[str]) -> None:
    """Erases probes with their templates and the login past their gate, as far as they are there.

    Raises:
        psycopg.Error: What could not be removed first; the rest is.
    """
    failures: list[psycopg.Error] = []
    for slug in slugs:
        for step in (_erase, _drop_template, _drop_login):
            try:
                step(control, slug)
            except psycopg.Error as error:
                failures.append(error)
    if failures:
        raise failures[0]


def _erase(control: Control, slug: str) -> None:
    if any(row["slug"] == slug for row in control.tenant_list(search=slug)):
        with contextlib.suppress(FreeholdError):
            control.tenant_retire(slug, grace="0", reason="isolation probe")
        control.tenant_erase(slug, "isolation probe")


def _drop_template(control: Control, slug: str) -> None:
    if any(row["name"] == _template(slug) for row in control.template_list()):
        control.template_drop(_template(slug))


def _drop_login(control: Control, slug: str) -> None:
    login = _login(slug)
    if control.connection.execute("select 1 from pg_roles where rolname = %s", (login,)).fetchone():
        control.connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def _template(slug: str) -> str:
    return slug.replace("-", "_")


def _login(slug: str) -> str:
    return _template(slug.rpartition("-")[0])
