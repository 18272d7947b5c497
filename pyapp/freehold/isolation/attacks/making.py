"""Attempts to make objects: what shadows names, runs later, or stays."""

from __future__ import annotations

from freehold.isolation.attack import Attack

_TEXT = "returns text language sql as 'select ''fh-'' || ''made'''"
_MADE = "fh-made"


def _make(name: str, *statements: str) -> Attack:
    return Attack(name, statements, mark=_MADE)


ATTACKS = (
    _make("a temporary table", "create temp table fh as select 'fh-' || 'made' as made", "select made from fh"),
    _make("a temporary table that shadows its own", "create temp table freehold_canary as select 'fh-' || 'made' as body", "select body from pg_temp.freehold_canary"),
    _make("a temporary function", f"create function pg_temp.fh() {_TEXT}", "select pg_temp.fh()"),
    _make("a table in public", "create table public.fh as select 'fh-' || 'made' as made", "select made from public.fh"),
    _make("a function in public", f"create function public.fh() {_TEXT}", "select public.fh()"),
    _make("a function in its own schema", f"create function <a>.fh() {_TEXT}", "select <a>.fh()"),
    _make("a table in its own schema", "create table <a>.fh as select 'fh-' || 'made' as made", "select made from <a>.fh"),
    _make("a definer function", "create function <a>.fh() returns text security definer language sql as 'select ''fh-'' || ''made'''", "select <a>.fh()"),
    _make("a schema", "create schema fh_made", "create schema authorization <a_rw>", "select 'fh-' || 'made' from pg_namespace where nspname in ('fh_made', '<a_rw_name>')"),
    _make("an operator", "create operator public.=== (function = texteq, leftarg = text, rightarg = text)", "select 'fh-' || 'made' where 'x' operator(public.===) 'x'"),
    _make("a cast", "create cast (int as text) with inout as implicit", "select 'fh-' || 'made' from pg_cast where castsource = 'int'::regtype and casttarget = 'text'::regtype"),
    _make("a view over the catalogs", "create view public.fh as select 'fh-' || 'made' as made from pg_authid", "select made from public.fh"),
    _make("an extension", "create extension dblink", "create extension postgres_fdw", "create extension file_fdw",
          "select 'fh-' || 'made' from pg_extension where extname in ('dblink', 'postgres_fdw', 'file_fdw')"),
    _make("a foreign server", "create server fh foreign data wrapper postgres_fdw", "create foreign data wrapper fh"),
    _make("an event trigger", "create event trigger fh on ddl_command_end execute function suppress_redundant_updates_trigger()"),
    _make("a publication or subscription", "create publication fh for all tables", "create subscription fh connection '' publication fh with (connect = false)"),
    _make("a role", "create role fh_made login", "create user fh_made2"),
    _make("a database", "commit", "create database fh_made", "begin"),
    _make("a tablespace", "commit", "create tablespace fh_made location '/tmp'", "begin"),
    _make("a function in C", "create function public.fh() returns int language c as 'libc', 'getpid'",
          "create function <a>.fh() returns int language internal as 'pg_backend_pid'"),
    _make("an untrusted language", "create extension plpython3u", "create extension plperlu", "create language plpython3u"),
    _make("a text search configuration or collation", "create text search dictionary public.fh (template = simple)", "create collation public.fh from \"C\""),
)  # fmt: skip
"""A tenant's runtime role owns nothing."""
