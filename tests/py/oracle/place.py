"""Where a feature lives: a schema, its roles, and what all features may refer to outside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from .feature import Feature

Connection = psycopg.Connection[Any]

# Made once in a database; a feature names these freely.
_WORLD = """
set allow_in_place_tablespaces = on;
create role oracle_reader;
create schema oracle_shared;
create extension btree_gist schema oracle_shared;
create extension citext schema oracle_shared;
create extension hstore schema oracle_shared;
create extension pg_trgm schema oracle_shared;
create type oracle_shared.kind as enum ('small', 'big');
create table oracle_shared.country (code text primary key, name text not null);
insert into oracle_shared.country values ('ch', 'Switzerland'), ('cl', 'Chile');
create sequence oracle_shared.common;
create function oracle_shared.fresh() returns integer language sql volatile as 'select 7';
create function oracle_shared.touch() returns trigger language plpgsql as 'begin return new; end';
grant usage on schema oracle_shared to public;
grant select, references on oracle_shared.country to public;
grant usage on sequence oracle_shared.common to public;
create access method oracle_heap type table handler heap_tableam_handler;
create foreign data wrapper oracle_wrapper;
create server oracle_server foreign data wrapper oracle_wrapper;
grant usage on foreign server oracle_server to public;
"""


def make_world(admin: Connection) -> None:
    """Makes what features refer to: a role, a shared schema, a tablespace, a foreign server."""
    admin.execute(_WORLD)
    # A tablespace cannot be made in a transaction, and so not in one message with the rest.
    admin.execute("create tablespace oracle_space location ''")
    admin.execute("grant create on tablespace oracle_space to public")


def unmake_world(admin: Connection) -> None:
    """Removes what belongs to the cluster; the database itself is its fixture's to drop."""
    admin.execute("drop tablespace oracle_space")


@dataclass(frozen=True)
class Place:
    """A schema and the roles that go by its name.

    Attributes:
        schema: The schema's name, not quoted.
        roles: Its owner, its reading and writing role, its reading role.
    """

    schema: str
    roles: tuple[str, str, str]

    @classmethod
    def named(cls, schema: str) -> Place:
        """The place of a schema whose roles are called after it."""
        return cls(schema, (f"{schema}_owner", f"{schema}_rw", f"{schema}_ro"))

    @property
    def owner(self) -> str:
        """The role that owns the schema."""
        return self.roles[0]

    @property
    def quoted(self) -> str:
        """The schema's name as SQL writes it where it writes quotes always."""
        return quote(self.schema)

    def fill(self, text: str) -> str:
        """A feature's text with its names: {schema}, {owner}, {rw} and {ro} stand for them."""
        # A feature may write its schema's name within quotes of its own.
        schema = self.schema if re.fullmatch("[a-z_][a-z0-9_]*", self.schema) else self.quoted
        names = dict(zip(("schema", "owner", "rw", "ro"), (schema, *map(quote, self.roles)), strict=True))
        return re.sub(r"\{(schema|owner|rw|ro)\}", lambda match: names[match[1]], text)


def quote(name: str) -> str:
    """A name as an identifier, quoted always."""
    return '"' + name.replace('"', '""') + '"'


def make_place(admin: Connection, place: Place, *, superuser: bool) -> None:
    """Makes the schema and its roles."""
    for role in place.roles:
        admin.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
    if superuser:
        admin.execute(sql.SQL("alter role {} superuser").format(sql.Identifier(place.owner)))
    admin.execute(
        sql.SQL("create schema {} authorization {}").format(sql.Identifier(place.schema), sql.Identifier(place.owner))
    )


def unmake_place(admin: Connection, place: Place) -> None:
    """Removes the schema, everything in it and its roles."""
    admin.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(place.schema)))
    roles = sql.SQL(", ").join(map(sql.Identifier, place.roles))
    admin.execute(sql.SQL("drop owned by {} cascade").format(roles))
    admin.execute(sql.SQL("drop role {}").format(roles))


def enter(admin: Connection, place: Place, *, owner: bool) -> None:
    """Puts the place's schema first until the transaction ends, as its owner or as the superuser."""
    path = f"{place.quoted}, pg_catalog, pg_temp"
    admin.execute("select pg_catalog.set_config('search_path', %s, true)", (path,))
    if owner:
        admin.execute(sql.SQL("set local role {}").format(sql.Identifier(place.owner)))


def load(admin: Connection, place: Place, feature: Feature, *, rows: bool) -> None:
    """Runs a feature in its place as the owner, with or without its rows."""
    for part in (feature.ddl, feature.rows if rows else "", feature.after):
        if part.strip():
            with admin.transaction():
                enter(admin, place, owner=True)
                admin.execute(place.fill(part).encode())


def load_rows(admin: Connection, place: Place, feature: Feature, names: Place) -> None:
    """Runs only the part of a feature that fills it, past row security, with the names it was made with."""
    if feature.rows.strip():
        with admin.transaction():
            enter(admin, place, owner=False)
            admin.execute(names.fill(feature.rows).encode())
