"""What a tenant reaches outside its schema is found, whatever was declared: faults are planted one by one and mended by the remedy
that is printed; and on small databases the answer is what has_*_privilege says of every role, object and privilege.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from freehold import pgtap_runner, sqltext
from support.database import Database
from support.programs import psql

Row = dict[str, Any]

TEMPLATE = """
    create type mood as enum ('good', 'bad');
    create domain code as text check (value <> '');
    create table note (id bigint generated always as identity primary key, body text not null, mood mood);
    create table part (id int not null, day date not null) partition by range (day);
    create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01');
    create view short as select id from note;
    create materialized view total as select count(*) from note;
    create sequence counter;
    create function one() returns int language sql return 1;
    create procedure two() language sql as 'select 1';
    create aggregate three(int) (sfunc = int4larger, stype = int);
    create function mine() returns text language sql security definer as 'select current_user::text'
"""


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is done to the database, and what the check should say.

    Attributes:
        kind: The kind of the object.
        role: The role that reaches it.
        object: What the object's identity contains.
        plant: Statements, run by the superuser.
        way: What ``reached_by`` begins with.
        verdict: The finding's.
        tenant: Whose finding it is, where the role tells none: ``acme`` for a role of acme's.
        since: The major version from which on it can be planted.
        before: The major version from which on it no longer can.
    """

    kind: str
    role: str
    object: str
    plant: str
    way: str = "direct grant"
    verdict: str = "breach"
    tenant: str | None = None
    since: int = 0
    before: int = 99

    def __str__(self) -> str:
        return f"{self.kind}: {' '.join(self.plant.split())[:70]}"


A, B = "tenant_acme_rw", "tenant_beta"
GROUP, GATE, GATES = "freehold_tenant", "freehold_gate_01", "freehold_gates"
DEFINER = (
    "create function public.peek() returns setof tenant_beta.note language sql security definer"
    " set search_path = pg_catalog, pg_temp as 'select * from tenant_beta.note'"
)
FAULTS = (
    # Access lists: every kind, every way in.
    Fault("table", A, "tenant_beta.note", "grant select on tenant_beta.note to tenant_acme_rw"),
    Fault("table", A, "tenant_beta.note", "grant insert, truncate on tenant_beta.note to tenant_acme_rw"),
    Fault("table", A, "tenant_beta.note", "grant references, trigger on tenant_beta.note to tenant_acme_rw"),
    Fault("table", A, "tenant_beta.note", "grant maintain on tenant_beta.note to tenant_acme_rw", since=17),
    Fault("table", "public", "tenant_beta.note", "grant select on tenant_beta.note to public", "PUBLIC"),
    Fault("table", GROUP, "tenant_beta.part_1", "grant select on tenant_beta.part_1 to freehold_tenant"),
    Fault("table", "tenant_acme_owner", "tenant_beta.note", "grant update on tenant_beta.note to tenant_acme_owner"),
    Fault("table", "tenant_acme_ro", "tenant_beta.note", "grant select on tenant_beta.note to tenant_acme_ro"),
    Fault("table", "app_login", "tenant_beta.note", "grant select on tenant_beta.note to app_login"),
    Fault("table", GATE, "tenant_beta.note", "grant select on tenant_beta.note to freehold_gate_01"),
    Fault("table", GATES, "tenant_beta.note", "grant select on tenant_beta.note to freehold_gates"),
    Fault("table", A, "template_default.note", "grant select on template_default.note to tenant_acme_rw"),
    Fault(
        "table",
        A,
        "tenant_beta.note",
        "grant usage on schema tenant_beta to shady; grant select on tenant_beta.note to shady with grant option; set role shady;"
        "grant select on tenant_beta.note to tenant_acme_rw; reset role",
    ),
    Fault(
        "table",
        A,
        "tenant_beta.note",
        "grant select on tenant_beta.note to shady; grant shady to tenant_acme_rw",
        "membership in shady",
    ),
    Fault("table", A, "freehold.tenant", "grant select on freehold.tenant to tenant_acme_rw"),
    Fault("table", "public", "freehold.operation", "grant select on freehold.operation to public", "PUBLIC"),
    Fault(
        "table",
        "public",
        "public.shared",
        "create table public.shared (id int); grant insert on public.shared to public",
        "PUBLIC",
    ),
    Fault(
        "table",
        GROUP,
        "public.shared",
        "create table public.shared (id int primary key); grant references on public.shared to freehold_tenant",
    ),
    Fault("table", "public", "pg_catalog.pg_authid", "grant select on pg_catalog.pg_authid to public", "PUBLIC"),
    Fault(
        "column",
        "public",
        "pg_catalog.pg_statistic",
        "grant select (stavalues1) on pg_catalog.pg_statistic to public",
        "PUBLIC",
    ),
    Fault("column", A, "tenant_beta.note.body", "grant select (body) on tenant_beta.note to tenant_acme_rw"),
    Fault("column", "public", "tenant_beta.note.body", "grant select (body) on tenant_beta.note to public", "PUBLIC"),
    Fault("column", GROUP, "freehold.tenant.slug", "grant select (slug) on freehold.tenant to freehold_tenant"),
    Fault("view", A, "tenant_beta.short", "grant select on tenant_beta.short to tenant_acme_rw"),
    Fault("materialized view", A, "tenant_beta.total", "grant select on tenant_beta.total to tenant_acme_rw"),
    Fault(
        "foreign table",
        A,
        "tenant_beta.away",
        "create foreign data wrapper away; create server far foreign data wrapper away;"
        "create foreign table tenant_beta.away (id int) server far; alter foreign table tenant_beta.away owner to tenant_beta_owner;"
        "grant select on tenant_beta.away to tenant_acme_rw",
    ),
    Fault("sequence", A, "tenant_beta.counter", "grant usage on sequence tenant_beta.counter to tenant_acme_rw"),
    Fault(
        "sequence",
        GROUP,
        "public.ticks",
        "create sequence public.ticks; grant usage on sequence public.ticks to freehold_tenant",
    ),
    Fault("function", A, "tenant_beta.one()", "grant execute on function tenant_beta.one to tenant_acme_rw"),
    Fault("procedure", A, "tenant_beta.two()", "grant execute on procedure tenant_beta.two to tenant_acme_rw"),
    Fault("aggregate", A, "tenant_beta.three(", "grant execute on function tenant_beta.three(int) to tenant_acme_rw"),
    Fault("type", A, "tenant_beta.mood", "grant usage on type tenant_beta.mood to tenant_acme_rw"),
    Fault("type", A, "tenant_beta.code", "grant usage on domain tenant_beta.code to tenant_acme_rw"),
    Fault("schema", A, "tenant_beta", "grant usage on schema tenant_beta to tenant_acme_rw"),
    Fault("schema", "public", "tenant_beta", "grant usage on schema tenant_beta to public", "PUBLIC"),
    Fault("schema", A, "tenant_beta", "grant create on schema tenant_beta to tenant_acme_rw"),
    Fault("schema", "public", "public", "grant create on schema public to public", "PUBLIC"),
    Fault("schema", GROUP, "public", "grant create on schema public to freehold_tenant"),
    Fault("schema", GROUP, "extras", "create schema extras; grant create on schema extras to freehold_tenant"),
    Fault("schema", A, "pg_catalog", "grant create on schema pg_catalog to tenant_acme_rw"),
    Fault("schema", "public", "freehold", "grant usage on schema freehold to public", "PUBLIC"),
    Fault(
        "type", "public", "tenant_beta.mood", "grant usage on schema tenant_beta to public", "PUBLIC, in an open schema"
    ),
    Fault(
        "function",
        A,
        "tenant_beta.one()",
        "grant execute on function tenant_beta.one to public; grant usage on schema tenant_beta to tenant_acme_rw",
        "PUBLIC, in an open schema",
    ),
    Fault("database", "public", "{db}", "grant temporary on database {db} to public", "PUBLIC"),
    Fault("database", "public", "{db}", "grant connect on database {db} to public", "PUBLIC"),
    Fault("database", A, "{db}", "grant create on database {db} to tenant_acme_rw"),
    Fault("database", GROUP, "{db}", "grant temporary on database {db} to freehold_tenant"),
    Fault(
        "foreign data wrapper",
        GROUP,
        "away",
        "create foreign data wrapper away; grant usage on foreign data wrapper away to freehold_tenant",
    ),
    Fault(
        "foreign server",
        "public",
        "far",
        "create foreign data wrapper away; create server far foreign data wrapper away; grant usage on foreign server far to public",
        "PUBLIC",
    ),
    Fault(
        "user mapping",
        "public",
        "far",
        "create foreign data wrapper away; create server far foreign data wrapper away; create user mapping for public server far",
        "user mapping",
    ),
    Fault(
        "large object", "public", "777", "select lo_create(777); grant select on large object 777 to public", "PUBLIC"
    ),
    Fault("large object", A, "777", "select lo_create(777); grant update on large object 777 to tenant_acme_rw"),
    Fault("tablespace", A, "pg_default", "grant create on tablespace pg_default to tenant_acme_rw"),
    Fault(
        "parameter", A, "session_replication_role", "grant set on parameter session_replication_role to tenant_acme_rw"
    ),
    Fault("parameter", "public", "log_statement", "grant alter system on parameter log_statement to public", "PUBLIC"),
    Fault(
        "parameter", "public", "lo_compat_privileges", "grant set on parameter lo_compat_privileges to public", "PUBLIC"
    ),
    Fault("language", "public", "c", "update pg_language set lanpltrusted = true where lanname = 'c'", "PUBLIC"),
    # Functions of PostgreSQL and of the control plane.
    Fault("function", "public", "pg_read_file(", "grant execute on function pg_read_file(text) to public", "PUBLIC"),
    Fault("function", A, "lo_import(", "grant execute on function lo_import(text) to tenant_acme_rw"),
    Fault("function", GROUP, "pg_ls_dir(", "grant execute on function pg_ls_dir(text) to freehold_tenant"),
    Fault("function", "public", "tenant_get(", "grant execute on function freehold.tenant_get to public", "PUBLIC"),
    Fault("function", A, "_cell_01(", "grant execute on function freehold._cell_01 to tenant_acme_rw"),
    Fault("function", GROUP, "gate_grant(", "grant execute on function freehold.gate_grant to freehold_tenant"),
    Fault("procedure", GATE, "tenant_erase(", "grant execute on procedure freehold.tenant_erase to freehold_gate_01"),
    Fault("function", "public", "dblink(", "create extension dblink", "PUBLIC"),
    Fault(
        "function",
        "public",
        "public.reach()",
        "create language wild handler plpgsql_call_handler;"
        "create function public.reach() returns int language wild as 'begin return 1; end'",
        "PUBLIC",
    ),
    Fault(
        "function",
        "public",
        "public.peek()",
        f"{DEFINER}; grant usage on schema public to public",
        "definer function of",
    ),
    Fault(
        "function",
        A,
        "public.peek()",
        f"{DEFINER}; revoke all on function public.peek() from public; grant execute on function public.peek() to tenant_acme_rw",
        "definer function of",
    ),
    Fault(
        "function",
        "public",
        "public.peek()",
        f"grant usage, create on schema public to shady; {DEFINER}; grant select on tenant_beta.note to shady;"
        "alter function public.peek() owner to shady",
        "definer function of shady",
    ),
    Fault(
        "function",
        "public",
        "public.harmless()",
        "grant usage, create on schema public to shady; create function public.harmless() returns int language sql security definer return 1;"
        "alter function public.harmless() owner to shady",
        "definer function of shady",
        verdict="note",
    ),
    Fault(
        "function",
        A,
        "tenant_acme.planted()",
        "create function tenant_acme.planted() returns int language sql security definer return 1;"
        "grant execute on function tenant_acme.planted() to tenant_acme_rw",
        "definer function of",
    ),
    # Views, rules, parents, keys, and what else one schema is made of in another.
    Fault(
        "view",
        "public",
        "public.peephole",
        "create view public.peephole as select * from tenant_beta.note; grant select on public.peephole to public",
        "view over tenant_beta.note",
        tenant="beta",
    ),
    Fault(
        "view",
        GROUP,
        "public.peephole",
        "create view public.nearer as select * from tenant_beta.note; create view public.peephole as select * from public.nearer;"
        "grant select on public.peephole to freehold_tenant",
        "view over tenant_beta.note",
        tenant="beta",
    ),
    Fault(
        "materialized view",
        A,
        "public.peephole",
        "create materialized view public.peephole as select * from tenant_beta.note; grant select on public.peephole to tenant_acme_rw",
        "view over tenant_beta.note",
        tenant="acme",
    ),
    Fault(
        "view",
        "public",
        "public.hashes",
        "create view public.hashes as select rolname, rolpassword from pg_authid; grant select on public.hashes to public",
        "view over pg_authid",
    ),
    Fault(
        "view",
        "tenant_acme_owner",
        "tenant_acme.peephole",
        "create view tenant_acme.peephole as select 1 as one",
        "view of",
    ),
    Fault(
        "foreign key",
        "tenant_acme_owner",
        "spy",
        "grant usage on schema tenant_beta to tenant_acme_owner; grant references on tenant_beta.note to tenant_acme_owner;"
        "alter table tenant_acme.note add constraint spy foreign key (id) references tenant_beta.note",
        "foreign key to tenant_beta.note",
    ),
    Fault(
        "foreign key",
        "tenant_acme_owner",
        "spy",
        "create table public.country (id bigint primary key);"
        "alter table tenant_acme.note add constraint spy foreign key (id) references public.country",
        "foreign key to public.country",
        verdict="note",
    ),
    Fault(
        "table",
        "tenant_acme_owner",
        "tenant_beta.child",
        "create table tenant_beta.child () inherits (tenant_acme.note); alter table tenant_beta.child owner to tenant_beta_owner",
        "parent tenant_acme.note",
    ),
    Fault(
        "table",
        "tenant_acme_owner",
        "tenant_beta.part_2",
        "create table tenant_beta.part_2 partition of tenant_acme.part for values from ('2027-01-01') to ('2028-01-01');"
        "alter table tenant_beta.part_2 owner to tenant_beta_owner",
        "parent tenant_acme.part",
    ),
    Fault(
        "rule",
        "tenant_acme_owner",
        "tenant_acme.peephole",
        "create view tenant_acme.peephole as select * from tenant_beta.note; alter view tenant_acme.peephole owner to tenant_acme_owner",
        "dependency on tenant_beta.note",
    ),
    Fault(
        "trigger",
        "tenant_acme_owner",
        "watch on tenant_acme.note",
        "create function tenant_beta.seen() returns trigger language plpgsql as 'begin return new; end';"
        "alter function tenant_beta.seen() owner to tenant_beta_owner; revoke all on function tenant_beta.seen() from public;"
        "create trigger watch before insert on tenant_acme.note for each row execute function tenant_beta.seen()",
        "dependency on tenant_beta.seen()",
    ),
    Fault(
        "default value",
        "tenant_acme_owner",
        "tenant_acme.note.id2",
        "alter table tenant_acme.note add column id2 bigint default nextval('tenant_beta.counter')",
        "dependency on tenant_beta.counter",
    ),
    Fault(
        "table column",
        "tenant_acme_owner",
        "tenant_acme.note.other",
        "alter table tenant_acme.note add column other tenant_beta.mood",
        "dependency on tenant_beta.mood",
    ),
    Fault(
        "policy",
        "tenant_acme_owner",
        "by_beta on tenant_acme.note",
        "create policy by_beta on tenant_acme.note using (tenant_beta.one() = 1)",
        "dependency on tenant_beta.one()",
    ),
    Fault(
        "table constraint",
        "tenant_acme_owner",
        "by_beta on tenant_acme.note",
        "alter table tenant_acme.note add constraint by_beta check (tenant_beta.one() = 1)",
        "dependency on tenant_beta.one()",
    ),
    Fault(
        "function",
        "tenant_acme_owner",
        "tenant_acme.through()",
        "create function tenant_acme.through() returns bigint language sql begin atomic select count(*) from tenant_beta.note; end;"
        "alter function tenant_acme.through() owner to tenant_acme_owner; revoke all on function tenant_acme.through() from public",
        "dependency on tenant_beta.note",
    ),
    # What is granted before it is made.
    Fault(
        "default privileges",
        A,
        "tenant_beta_owner in schema tenant_beta",
        "alter default privileges for role tenant_beta_owner in schema tenant_beta grant select on tables to tenant_acme_rw",
        "default privileges",
    ),
    Fault(
        "default privileges",
        "public",
        "tenant_beta_owner",
        "alter default privileges for role tenant_beta_owner grant select on tables to public",
        "default privileges",
    ),
    Fault(
        "default privileges",
        "public",
        "tenant_beta_owner",
        "alter default privileges for role tenant_beta_owner grant execute on functions to public",
        "default privileges",
        tenant="beta",
    ),
    Fault(
        "default privileges",
        "public",
        "freehold_owner",
        "alter default privileges for role freehold_owner grant execute on functions to public",
        "default privileges",
    ),
    Fault(
        "default privileges",
        GROUP,
        "shady in schema public",
        "alter default privileges for role shady in schema public grant insert on tables to freehold_tenant",
        "default privileges",
    ),
    # Memberships, from and in a tenant's roles.
    Fault("role", A, "tenant_beta_rw", "grant tenant_beta_rw to tenant_acme_rw", "membership"),
    Fault("table", A, "tenant_beta.note", "grant tenant_beta_rw to tenant_acme_rw", "membership in tenant_beta_rw"),
    Fault("role", A, "tenant_beta_owner", "grant tenant_beta_owner to tenant_acme_rw", "membership"),
    Fault(
        "table", A, "tenant_beta.note", "grant tenant_beta_owner to tenant_acme_rw", "membership in tenant_beta_owner"
    ),
    Fault(
        "role",
        A,
        "tenant_beta_rw",
        "grant tenant_beta_rw to tenant_acme_rw with inherit false, set true",
        "membership",
        since=16,
    ),
    Fault(
        "role",
        A,
        "tenant_beta_rw",
        "grant tenant_beta_rw to tenant_acme_rw with inherit false, set false, admin true",
        "membership",
        since=16,
    ),
    Fault(
        "table",
        A,
        "tenant_beta.note",
        "grant tenant_beta_rw to tenant_acme_rw with inherit false, set false, admin true",
        "membership in tenant_beta_rw",
        since=16,
    ),
    Fault("role", A, "pg_read_all_data", "grant pg_read_all_data to tenant_acme_rw", "membership"),
    Fault("role", A, "pg_execute_server_program", "grant pg_execute_server_program to tenant_acme_rw", "membership"),
    Fault("role", GROUP, "pg_monitor", "grant pg_monitor to freehold_tenant", "membership"),
    Fault("role", A, "freehold_admin", "grant freehold_admin to tenant_acme_rw", "membership"),
    Fault("role", A, "freehold_audit_owner", "grant freehold_audit_owner to tenant_acme_rw", "membership"),
    Fault("role", "tenant_gamma_rw", GATE, "grant freehold_gate_01 to tenant_gamma_rw", "membership", tenant="gamma"),
    Fault("role", "tenant_gamma_rw", GATES, "grant freehold_gates to tenant_gamma_rw", "membership", tenant="gamma"),
    Fault("role", A, GROUP, "grant freehold_tenant to tenant_acme_rw with admin option", "membership"),
    Fault(
        "role",
        A,
        "freehold_trusted",
        "create role freehold_trusted; grant freehold_trusted to tenant_acme_rw",
        "membership",
    ),
    Fault("role", "shady", "tenant_acme_rw", "grant tenant_acme_rw to shady", "membership", tenant="acme"),
    Fault("role", "shady", "tenant_acme_owner", "grant tenant_acme_owner to shady", "membership", tenant="acme"),
    Fault("role", "shady", GROUP, "grant freehold_tenant to shady", "membership"),
    Fault("role", "app_login", "tenant_acme_rw", "grant tenant_acme_rw to app_login", "membership", tenant="acme"),
    Fault("role", GATE, "tenant_gamma_rw", "grant tenant_gamma_rw to freehold_gate_01", "membership", tenant="gamma"),
    Fault("role", GATE, "shady", "grant shady to freehold_gate_01", "membership"),
    Fault("role", GATES, "tenant_acme_rw", "grant tenant_acme_rw to freehold_gates", "membership", tenant="acme"),
    Fault("role", GATES, "shady", "grant shady to freehold_gates", "membership"),
    Fault(
        "role",
        GATE,
        "tenant_acme_rw",
        "set role freehold_cell_01; grant tenant_acme_rw to freehold_gate_01 with inherit true; reset role",
        "membership",
        tenant="acme",
        since=16,
    ),
    Fault(
        "role", GATE, "tenant_acme_rw", "alter role freehold_gate_01 inherit", "membership", tenant="acme", before=16
    ),
    Fault("role", "app_login", "freehold_admin", "grant freehold_admin to app_login", "membership in freehold_admin"),
    Fault(
        "role",
        "app_login",
        "pg_read_all_data",
        "grant shady to app_login; grant pg_read_all_data to shady",
        "membership in pg_read_all_data",
    ),
    Fault(
        "table",
        "app_login",
        "tenant_beta.note",
        "grant shady to app_login; grant select on tenant_beta.note to shady",
        "membership in shady",
    ),
    # Attributes, ownership, settings.
    Fault("role", A, A, "alter role tenant_acme_rw createrole", "attribute"),
    Fault("role", A, A, "alter role tenant_acme_rw bypassrls", "attribute"),
    Fault("role", A, A, "alter role tenant_acme_rw replication", "attribute"),
    Fault("role", A, A, "alter role tenant_acme_rw createdb", "attribute"),
    Fault("role", "tenant_acme_owner", "tenant_acme_owner", "alter role tenant_acme_owner superuser", "attribute"),
    Fault("role", "tenant_acme_owner", "tenant_acme_owner", "alter role tenant_acme_owner login", "attribute"),
    Fault("role", A, A, "alter role tenant_acme_rw login connection limit 2", "attribute"),
    Fault("role", "app_login", "app_login", "alter role app_login superuser", "attribute"),
    Fault("table", A, "tenant_acme.note", "alter table tenant_acme.note owner to tenant_acme_rw", "ownership"),
    Fault(
        "table",
        "tenant_acme_owner",
        "tenant_beta.note",
        "alter table tenant_beta.note owner to tenant_acme_owner",
        "ownership",
    ),
    Fault("table", GROUP, "tenant_beta.note", "alter table tenant_beta.note owner to freehold_tenant", "ownership"),
    Fault(
        "schema", "tenant_acme_owner", "tenant_beta", "alter schema tenant_beta owner to tenant_acme_owner", "ownership"
    ),
    Fault(
        "function",
        "tenant_acme_owner",
        "freehold.tenant_get",
        "alter function freehold.tenant_get owner to tenant_acme_owner",
        "ownership",
    ),
    Fault(
        "table",
        "tenant_acme_owner",
        "public.shared",
        "create table public.shared (id int); alter table public.shared owner to tenant_acme_owner",
        "ownership",
    ),
    Fault(
        "type",
        "tenant_acme_owner",
        "tenant_beta.mood",
        "alter type tenant_beta.mood owner to tenant_acme_owner",
        "ownership",
    ),
    Fault(
        "large object", A, "777", "select lo_create(777); alter large object 777 owner to tenant_acme_rw", "ownership"
    ),
    Fault("database", A, "{db}", "alter database {db} owner to tenant_acme_rw", "ownership"),
    Fault(
        "publication",
        "tenant_acme_owner",
        "leak",
        "create publication leak for table tenant_beta.note; alter publication leak owner to tenant_acme_owner",
        "ownership",
    ),
    Fault(
        "extension",
        A,
        "hstore",
        "create extension hstore; update pg_extension set extowner = 'tenant_acme_rw'::regrole where extname = 'hstore';"
        "insert into pg_shdepend values ((select oid from pg_database where datname = current_database()), 'pg_extension'::regclass,"
        " (select oid from pg_extension where extname = 'hstore'), 0, 'pg_authid'::regclass, 'tenant_acme_rw'::regrole, 'o')",
        "ownership",
    ),
    Fault("setting", A, "role=tenant_beta_rw", "alter role tenant_acme_rw set role = 'tenant_beta_rw'", "setting"),
    Fault(
        "setting",
        A,
        "session_replication_role=replica",
        "alter role tenant_acme_rw in database {db} set session_replication_role = replica",
        "setting",
    ),
    Fault(
        "setting", A, "search_path=tenant_beta", "alter role tenant_acme_rw set search_path = tenant_beta", "setting"
    ),
    Fault(
        "setting",
        "app_login",
        "search_path=tenant_beta",
        "alter role app_login set search_path = tenant_beta, public",
        "setting",
    ),
    Fault(
        "setting", "public", "search_path=tenant_beta", "alter database {db} set search_path = tenant_beta", "setting"
    ),
    Fault(
        "setting",
        "public",
        "session_replication_role=replica",
        "alter database {db} set session_replication_role = replica",
        "setting",
    ),
    Fault(
        "setting", "public", "lo_compat_privileges=on", "alter database {db} set lo_compat_privileges = on", "setting"
    ),
    # Code that others run.
    Fault(
        "event trigger",
        "tenant_acme_owner",
        "spy",
        "create function tenant_acme.spy() returns event_trigger language plpgsql as 'begin end';"
        "alter function tenant_acme.spy() owner to tenant_acme_owner; revoke all on function tenant_acme.spy() from public;"
        "create event trigger spy on ddl_command_end execute function tenant_acme.spy()",
        "function tenant_acme.spy()",
        tenant="acme",
    ),
    Fault(
        "event trigger",
        "{superuser}",
        "spy",
        "create function public.spy() returns event_trigger language plpgsql as 'begin end';"
        "create event trigger spy on ddl_command_end execute function public.spy()",
        "function public.spy()",
        verdict="note",
    ),
    # Nothing to be found is no proof.
    Fault(
        "schema",
        A,
        "tenant_acme",
        "revoke usage on schema tenant_acme from tenant_acme_rw",
        "positive control",
        verdict="unproven",
    ),
    Fault(
        "schema",
        "tenant_acme_ro",
        "tenant_acme",
        "revoke all on all tables in schema tenant_acme from tenant_acme_ro",
        "positive control",
        verdict="unproven",
    ),
    Fault("role", A, A, "select freehold.login_enable('acme')", "attribute", verdict="note"),
)


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    """Three tenants, one of them suspended, readers, a reserve, an application's login, and a role that is nobody's."""
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    for slug in ("acme", "beta", "gamma"):
        control.tenant_provision(slug)
    control.tenant_suspend("gamma")
    for slug in ("acme", "beta"):
        control.reader_create(slug)
    control.login_enable("beta", "read", connection_limit=2)
    control.reserve_fill_step(size=1)
    run(module_database.connect(module_database.admin_dsn), "create role app_login login; create role shady")
    control.gate_grant("app_login")
    return module_database


@pytest.fixture(scope="module")
def admin(fleet: Database) -> psycopg.Connection[Any]:
    """The superuser's connection."""
    return fleet.connect(fleet.admin_dsn)


@pytest.fixture(scope="module")
def healthy(admin: psycopg.Connection[Any]) -> list[Row]:
    return check(admin)


def check(connection: psycopg.Connection[Any]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from freehold.isolation_check()").fetchall()


def run(connection: psycopg.Connection[Any], text: str) -> None:
    """Runs statements one by one, as psql does."""
    for statement in sqltext.split(text):
        connection.execute(statement.text.encode())


@contextmanager
def undone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Takes back what was done in the block."""
    with connection.transaction(force_rollback=True):
        yield


def bad(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["verdict"] in ("breach", "unproven")]


def test_a_healthy_fleet_is_isolated_and_the_answer_says_how_far_it_looked(
    fleet: Database, healthy: list[Row], admin: psycopg.Connection[Any]
) -> None:
    assert bad(healthy) == []
    assert {row["object"] for row in healthy if row["verdict"] == "note" and row["object_kind"] != "view"} == set()
    with admin.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from freehold.isolation_coverage()").fetchall()
    asked = {row["object_kind"]: row for row in rows}
    for kind in ("table", "column", "view", "materialized view", "sequence", "function", "type", "schema", "database", "language",
                 "tablespace", "parameter", "role"):  # fmt: skip
        assert asked[kind]["questions"] > 0, kind
    assert asked["own schema"]["held"] == asked["own schema"]["questions"] == 2 * 4
    assert asked["table"]["privileges"] == (8 if fleet.server.major >= 17 else 7)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_and_its_remedy_mends_it(
    fleet: Database, admin: psycopg.Connection[Any], healthy: list[Row], fault: Fault
) -> None:
    if not fault.since <= fleet.server.major < fault.before:
        pytest.skip("the server has no such state")
    names = {"db": fleet.name, "superuser": admin.info.user}
    with undone(admin):
        run(admin, fault.plant.format(**names))
        new = [row for row in check(admin) if row not in healthy]
        found = [
            row
            for row in new
            if (row["verdict"], row["object_kind"], row["role_name"])
            == (fault.verdict, fault.kind, fault.role.format(**names))
            and fault.object.format(**names) in row["object"]
            and row["reached_by"].startswith(fault.way)
        ]
        assert found, new
        tenant = fault.tenant or ("acme" if "acme" in fault.role else None)
        assert {row["tenant_slug"] for row in found} == {tenant}
        assert all(row["remedy"] for row in new)
        if fault.verdict == "unproven":
            return
        mend(admin, healthy, new, {fault.verdict, "breach"})


def mend(admin: psycopg.Connection[Any], healthy: list[Row], found: list[Row], verdicts: set[str]) -> None:
    """Runs one remedy after the other, each of which has to take its finding away, until nothing is left."""
    while left := [row for row in found if row["verdict"] in verdicts]:
        run(admin, left[0]["remedy"])
        found = [row for row in check(admin) if row not in healthy]
        assert left[0] not in found, left[0]
    assert bad(found) == []


# What the install and the provisioning take from PUBLIC or pin, one at a time.

CONTROL_FUNCTIONS = "select p.oid::regprocedure::text from pg_proc as p where p.pronamespace = 'freehold'::regnamespace {which} order by 1"


def routines(admin: psycopg.Connection[Any], which: str = "") -> list[str]:
    return [name for (name,) in admin.execute(CONTROL_FUNCTIONS.format(which=which).encode())]


def test_every_revoke_of_the_install_counts(admin: psycopg.Connection[Any]) -> None:
    names = routines(admin)
    assert len(names) > 100
    with undone(admin):
        for name in names:
            admin.execute(f"grant execute on routine {name} to public".encode())
        found = {
            row["object"].replace("pg_catalog.", "")
            for row in check(admin)
            if row["role_name"] == "public" and row["verdict"] == "breach"
        }
    assert {name.replace('"', "") for name in names} <= {name.replace('"', "") for name in found}


def test_every_pinned_path_counts(admin: psycopg.Connection[Any]) -> None:
    names = routines(admin, "and p.prosecdef")
    assert len(names) > 20
    with undone(admin):
        for name in names:
            admin.execute(f"alter routine {name} set search_path = public".encode())
        found = [row for row in check(admin) if row["reached_by"] == "definer function without its search_path"]
        assert sorted(row["object"] for row in found) == sorted(names)
        for row in found:
            run(admin, row["remedy"])
        assert bad(check(admin)) == []


def test_the_defaults_of_every_owner_count(admin: psycopg.Connection[Any], healthy: list[Row]) -> None:
    owners = [
        r
        for (r,) in admin.execute(
            "select role_name::text from freehold._fleet_role() where kind in ('owner', 'home_owner')"
        )
    ]
    assert len(owners) == 6
    with undone(admin):
        for owner in owners:
            admin.execute(f"alter default privileges for role {owner} grant execute on functions to public".encode())
        found = [row for row in check(admin) if row not in healthy]
        assert sorted(row["object"] for row in found) == sorted(owners)
        mend(admin, healthy, found, {"breach"})


def test_no_tenant_is_no_proof(admin: psycopg.Connection[Any]) -> None:
    with undone(admin):
        for slug in ("acme", "beta"):
            admin.execute("select freehold.tenant_suspend(%s)", (slug,))
        assert [(row["verdict"], row["object_kind"]) for row in bad(check(admin))] == [("unproven", "tenant")]


def test_a_check_that_cannot_look_is_no_proof(admin: psycopg.Connection[Any], healthy: list[Row]) -> None:
    with undone(admin):
        admin.execute("revoke select on pg_catalog.pg_event_trigger from public")
        new = [row for row in check(admin) if row not in healthy]
    assert [(row["verdict"], row["object_kind"], row["object"]) for row in new] == [
        ("unproven", "check", "event triggers")
    ]
    assert "pg_event_trigger" in new[0]["reached_by"]


# The pgTAP file, which adopters run on their own databases.

SUITE = Path(__file__).resolve().parents[1] / "pgtap" / "isolation" / "catalog.sql"


def test_the_pgtap_file_passes_on_a_healthy_fleet(fleet: Database) -> None:
    outcome = pgtap_runner.run_file(SUITE, fleet.connect())
    assert (outcome.problems, outcome.skipped, outcome.run) == ([], None, 15)


def test_the_pgtap_file_names_a_breach_and_a_missing_proof(fleet: Database, admin: psycopg.Connection[Any]) -> None:
    planted = (
        "grant select on tenant_beta.note to tenant_acme_rw",
        "revoke usage on schema tenant_beta from tenant_beta_rw",
    )
    undo = (
        "revoke select on tenant_beta.note from tenant_acme_rw",
        "grant usage on schema tenant_beta to tenant_beta_rw",
    )
    try:
        for statement in planted:
            admin.execute(f"set role tenant_beta_owner; {statement}; reset role".encode())
        problems = "\n".join(pgtap_runner.run_file(SUITE, fleet.connect()).problems)
    finally:
        for statement in undo:
            admin.execute(f"set role tenant_beta_owner; {statement}; reset role".encode())
    assert "no tenant reaches anything outside its own schema" in problems
    assert "tenant_acme_rw" in problems
    assert "tenant_beta.note" in problems
    assert "all 4 roles of active tenants do" in problems
    assert "nothing is unproven" in problems


def test_the_pgtap_file_skips_a_fleet_without_tenants(fleet: Database, admin: psycopg.Connection[Any]) -> None:
    control = fleet.control()
    for slug in ("acme", "beta"):
        control.tenant_suspend(slug)
    try:
        outcome = pgtap_runner.run_file(SUITE, fleet.connect())
    finally:
        for slug in ("acme", "beta"):
            control.tenant_resume(slug)
    assert (outcome.problems, outcome.skipped, outcome.run) == ([], "no tenants", 0)


def test_psql_runs_the_pgtap_file(fleet: Database) -> None:
    output = psql(fleet, "-At", "-f", str(SUITE)).stdout
    assert len(re.findall(r"^ok \d+", output, re.MULTILINE)) == 15
    assert "not ok" not in output


def test_a_hardened_database_shows_nothing_but_what_other_databases_do(admin: psycopg.Connection[Any]) -> None:
    with undone(admin):
        admin.execute((SUITE.parents[3] / "sql" / "harden.sql").read_bytes())
        rows = check(admin)
        assert bad(rows) == []
        assert {row["object_kind"] for row in rows if row["verdict"] == "visible"} == {"database"}
        run(admin, "grant select on tenant_beta.note to freehold_trusted; grant freehold_trusted to tenant_acme_rw")
        found = [(row["role_name"], row["object"]) for row in bad(check(admin))]
    assert sorted(found) == [("freehold_trusted", "tenant_beta.note"), (A, "freehold_trusted"), (A, "tenant_beta.note")]


# New kinds of objects are covered the day a server has them, or this fails.

APART = {"pg_default_acl", "pg_init_privs"}
"""Lists of no object: what is granted before it is made, and what was there at first."""


def source(admin: psycopg.Connection[Any], name: str) -> str:
    row = admin.execute("select prosrc from pg_proc where oid = %s::regproc", (f"freehold.{name}",)).fetchone()
    assert row is not None
    return str(row[0])


def test_every_catalog_that_has_access_lists_is_asked(admin: psycopg.Connection[Any]) -> None:
    kinds = admin.execute(
        "select a.attrelid::regclass::text from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " where a.atttypid = 'aclitem[]'::regtype and c.relkind = 'r' and c.relnamespace = 'pg_catalog'::regnamespace"
    )
    text = source(admin, "_isolation_list")
    assert [kind for (kind,) in kinds if kind not in APART and f"from {kind} as" not in text] == []


def test_every_catalog_that_has_owners_is_asked(admin: psycopg.Connection[Any]) -> None:
    kinds = admin.execute(
        "select a.attrelid::regclass::text from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " where a.attname ~ '(owner|dba)$' and a.atttypid = 'oid'::regtype and c.relkind = 'r'"
        " and c.relnamespace = 'pg_catalog'::regnamespace"
    )
    row = admin.execute("select pg_get_functiondef('freehold._object_owner()'::regprocedure)").fetchone()
    assert row is not None
    text = source(admin, "_isolation_owned") + str(row[0])
    asked = {kind: kind.removesuffix("_metadata") for (kind,) in kinds}
    assert len(asked) > 18
    assert [kind for kind, name in asked.items() if f"'{name}'" not in text] == []


# The oracle: what has_*_privilege says of every role, object and privilege.

RELATION = "select, insert, update, delete, truncate, references, trigger"
COLUMN = "select, insert, update, references"
ORACLE = """
    with homes as (
        select n.oid as ns, u.role::text as role from freehold._fleet_home() as h
        join pg_namespace as n on n.nspname = h.schema_name cross join lateral unnest(h.roles) as u (role)
    ), role as (
        select r.rolname::text as name, h.ns from pg_roles as r left join homes as h on h.role = r.rolname
        where r.rolname in (select h.role from homes as h) or r.rolname in ('freehold_tenant', 'shady', 'app_login', 'freehold_gate_01', 'freehold_gates')
    ), place as (
        select distinct h.ns from homes as h union select 'freehold'::regnamespace
    )
    select r.name, 'relation', i.identity, p.privilege
    from role as r, pg_class as c join place as s on s.ns = c.relnamespace
    cross join lateral pg_identify_object('pg_class'::regclass, c.oid, 0) as i
    cross join lateral unnest(string_to_array(case c.relkind when 'S' then 'usage, select, update' else %(relation)s end, ', ')) as p (privilege)
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and r.ns is distinct from s.ns
        and case c.relkind when 'S' then has_sequence_privilege(r.name, c.oid, p.privilege)
                           else has_table_privilege(r.name, c.oid, p.privilege) end
    union all
    select r.name, 'column', i.identity, p.privilege
    from role as r, pg_class as c join place as s on s.ns = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
    cross join lateral pg_identify_object('pg_class'::regclass, c.oid, a.attnum) as i
    cross join lateral unnest(string_to_array(%(column)s, ', ')) as p (privilege)
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not a.attisdropped and r.ns is distinct from s.ns
        and has_column_privilege(r.name, c.oid, a.attnum, p.privilege) and not has_table_privilege(r.name, c.oid, p.privilege)
    union all
    select r.name, 'function', i.identity, 'execute'
    from role as r, pg_proc as f join place as s on s.ns = f.pronamespace
    cross join lateral pg_identify_object('pg_proc'::regclass, f.oid, 0) as i
    where r.ns is distinct from s.ns and has_schema_privilege(r.name, s.ns, 'usage') and has_function_privilege(r.name, f.oid, 'execute')
    union all
    select r.name, 'type', i.identity, 'usage'
    from role as r, pg_type as t join place as s on s.ns = t.typnamespace
    cross join lateral pg_identify_object('pg_type'::regclass, t.oid, 0) as i
    where t.typelem = 0 and t.typtype <> 'c' and s.ns <> 'freehold'::regnamespace and r.ns is distinct from s.ns
        and has_schema_privilege(r.name, s.ns, 'usage') and has_type_privilege(r.name, t.oid, 'usage')
    union all
    select r.name, 'schema', s.ns::regnamespace::text, p.privilege
    from role as r, place as s, unnest(array['usage', 'create']) as p (privilege)
    where r.ns is distinct from s.ns and has_schema_privilege(r.name, s.ns, p.privilege)
"""
"""One's own schema left out. Sequences of columns are their table's owner's. Functions and types count where the schema can be used."""

GRANTS = (
    "",
    "grant select, insert on tenant_beta.note to tenant_acme_rw; grant usage on schema tenant_beta to tenant_acme_ro",
    "grant tenant_beta_rw to tenant_acme_rw",
    "grant tenant_beta_owner to tenant_acme_rw",
    "grant select (body), update (mood) on tenant_beta.note to freehold_tenant; grant usage on schema template_default to public",
    "grant shady to app_login; grant select, truncate on tenant_beta.part, tenant_acme.short to shady",
    "alter table tenant_beta.note owner to tenant_acme_owner; alter schema tenant_acme owner to tenant_beta_rw",
    "grant execute on function tenant_beta.one, freehold.tenant_get to public; grant usage on type tenant_beta.mood to tenant_acme_ro;"
    "grant usage on schema tenant_beta to freehold_tenant",
    "grant all on all tables in schema tenant_beta to public; grant all on all sequences in schema tenant_acme to app_login",
    "grant select on freehold.tenant, freehold.setting to freehold_tenant; grant select (slug) on freehold.operation to tenant_acme_rw;"
    "grant usage on schema tenant_acme to freehold_gate_01",
)


def test_the_oracle_knows_every_privilege(fleet: Database, admin: psycopg.Connection[Any]) -> None:
    known = {p for (p,) in admin.execute("select lower(privilege_type) from aclexplode(acldefault('r', 10))")}
    assert known - {"maintain"} == set(RELATION.split(", "))


@pytest.mark.parametrize("grants", GRANTS)
def test_the_answer_is_what_the_server_says_of_every_role_object_and_privilege(
    fleet: Database, admin: psycopg.Connection[Any], grants: str
) -> None:
    relation = RELATION + (", maintain" if fleet.server.major >= 17 else "")
    with undone(admin):
        run(admin, grants)
        says = {tuple(row) for row in admin.execute(ORACLE, {"relation": relation, "column": COLUMN})}
        rows = [row for row in check(admin) if row["verdict"] == "breach"]
        declared = {tuple(row) for row in admin.execute(
            "select d.role_name::text, case d.object_kind when 'schema' then 'schema' else 'function' end,"
            " case d.object_kind when 'schema' then d.object else (pg_identify_object('pg_proc'::regclass, d.object::regprocedure, 0)).identity end,"
            " lower(d.privilege) from freehold._grant_declared() as d"
        )}  # fmt: skip
        inherits = {
            name: [role for (role,) in admin.execute(
                "select r.rolname::text from pg_roles as r where pg_has_role(%s, r.oid, 'usage')", (name,))]
            for name in {name for name, *_ in says}
        }  # fmt: skip
    found = {
        (row["role_name"], GENERIC.get(row["object_kind"], "relation"), row["object"], privilege)
        for row in rows
        for privilege in (row["privilege"] or "").split(", ")
    }
    missing = [
        fact
        for fact in sorted(says)
        if not any(
            (role, *fact[1:]) in declared | found or (role, fact[1], fact[2].removesuffix("_id_seq"), "owner") in found
            for role in [*inherits[fact[0]], "public"]
        )
    ]
    if not grants:
        assert found == set()
    assert [fact for fact in missing if fact[0] != "shady"] == []
    wrong = [
        fact
        for fact in sorted(found)
        if fact[0] != "public"
        and fact[1] in {*GENERIC.values(), "relation"} - {"role"}
        and fact[3] != "owner"
        and fact not in says
    ]
    assert wrong == []


GENERIC = {
    "column": "column", "function": "function", "procedure": "function", "aggregate": "function", "type": "type", "schema": "schema",
    "role": "role", "default privileges": "role", "rule": "role", "database": "role", "setting": "role",
}  # fmt: skip
