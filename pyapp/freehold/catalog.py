"""The public functions as the database declares them: names, arguments, results, comments, and who may call what.

The service's routes, its OpenAPI document and ``freehold call`` are made of this, so that what they offer is what is
installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

GROUPS = ("auditor", "worker", "break_glass", "analyst", "admin")
"""The groups of people and services, those that may least first."""

SERVING = ("resolver", "member")
"""What the service itself asks as, and acts for members as."""

_PREFIX = """
select regexp_replace(pg_get_userbyid(n.nspowner), '_owner$', '') from pg_namespace as n where n.nspname = 'freehold'
"""

# A login that may SET a role is what counts; before 16 every member may.
_REACH = """
select array(select g from unnest(%(groups)s::text[]) as g
             join pg_roles as r on r.rolname = %(prefix)s || '_' || g
             where pg_has_role(r.oid, case when current_setting('server_version_num')::integer >= 160000 then 'SET'
                                           else 'MEMBER' end))
"""

_FUNCTIONS = """
select p.oid::bigint, p.proname::text as name, p.prokind = 'p' as procedure, p.provolatile <> 'v' as reads,
       p.proretset as many, p.prorettype::regtype::text as result,
       case when t.typtype = 'c' then p.prorettype::bigint end as composite,
       obj_description(p.oid, 'pg_proc') as comment,
       coalesce(p.proargnames, '{}') as names,
       coalesce(p.proargmodes::text[], array_fill('i'::text, array[p.pronargs])) as modes,
       coalesce(p.proallargtypes, p.proargtypes::oid[])::regtype[]::text[] as types,
       p.pronargs - p.pronargdefaults as required,
       array(select array[m[1], m[2], coalesce(m[3], 'state')]
             from regexp_matches(p.prosrc, %(checked)s, 'g') as m) as checked,
       p.prolang = (select l.oid from pg_language as l where l.lanname = 'sql') as query,
       array(select g from unnest(%(groups)s::text[]) as g
             where has_function_privilege(%(prefix)s || '_' || g, p.oid, 'execute') and g = any (%(reach)s)) as groups
from pg_proc as p
join pg_type as t on t.oid = p.prorettype
where p.pronamespace = 'freehold'::regnamespace and p.proname !~ '^_'
order by p.proname, p.pronargs desc
"""

_COLUMNS = r"""
select t.oid::bigint as type, t.typname::text as name, a.attname::text as column_name,
       a.atttypid::regtype::text as column_type, a.attnotnull as present,
       array(select w.word
             from pg_constraint as c
             cross join pg_get_expr(c.conbin, c.conrelid) as e (text)
             cross join regexp_matches(e.text, '''([^'']+)''', 'g') with ordinality as l (literal, ordinal)
             cross join unnest(case when l.literal[1] ~ '^\{' then l.literal[1]::text[] else l.literal end)
                 with ordinality as w (word, ordinal)
             where c.conrelid = t.typrelid and c.contype = 'c' and c.conkey = array[a.attnum]
                 and starts_with(e.text, '(' || quote_ident(a.attname) || ' = ANY (')
             order by l.ordinal, w.ordinal) as words
from pg_type as t
join pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
where t.typnamespace = 'freehold'::regnamespace and t.typtype = 'c'
order by t.oid, a.attnum
"""

_CHECKED = r"""_word_check\('(\w+)', [^;]*?, 'freehold\.(\w+)'(?:, '(\w+)')?\)"""
"""How a function asks that an argument is one of the words that a table's column may hold."""


@dataclass(frozen=True)
class Argument:
    """An argument that a caller gives.

    Attributes:
        name: As the function calls it.
        type: As PostgreSQL writes it.
        required: Whether it has no default.
        words: Those that it may be, where these are a closed set.
    """

    name: str
    type: str
    required: bool
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes:
        name: Its name.
        type: As PostgreSQL writes it.
        present: Whether it is never null, for sure.
        words: Those that it may hold, where these are a closed set.
    """

    name: str
    type: str
    present: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overload:
    """One set of arguments of a function.

    Attributes:
        arguments: What a caller gives.
        columns: What a row of the result has; empty where it is a value.
        composite: The name of the row's type, where that is one of the schema's.
        result: The type of the value.
        many: Whether there may be several rows or values.
        maybe: Whether there may be none where several may not.
    """

    arguments: tuple[Argument, ...]
    columns: tuple[Column, ...]
    composite: str | None
    result: str
    many: bool
    maybe: bool


@dataclass(frozen=True)
class Function:
    """A public function or procedure.

    Attributes:
        name: Its name, the same in SQL, on the command line and over HTTP.
        procedure: Whether it commits by batch.
        reads: Whether it changes nothing.
        comment: What it does.
        groups: Which groups may call it, those that may least first.
        overloads: Its sets of arguments, longest first.
    """

    name: str
    procedure: bool
    reads: bool
    comment: str
    groups: tuple[str, ...]
    overloads: tuple[Overload, ...]

    @property
    def main(self) -> Overload:
        """The set of arguments that it is described by."""
        return self.overloads[0]

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """The SQLSTATEs that its comment names."""
        words = self.comment.replace(",", " ").replace(".", " ").replace(";", " ").split()
        return tuple(
            sorted({word for word in words if len(word) == 5 and word.startswith("FH") and word[2:].isdigit()})
        )


@dataclass(frozen=True)
class Catalog:
    """What is installed.

    Attributes:
        prefix: What the names of the installation's roles begin with.
        reach: Whose roles the login may take on: of the groups, ``resolver`` and ``member``.
        functions: By name.
        composites: The columns of the row types that functions return, by their name.
    """

    prefix: str
    reach: frozenset[str]
    functions: dict[str, Function]
    composites: dict[str, tuple[Column, ...]]

    def role(self, group: str) -> str:
        """The name of a group's role."""
        return f"{self.prefix}_{group}"


def read(connection: psycopg.Connection[Any]) -> Catalog:
    """Reads it; any login may.

    Args:
        connection: To a database that has freehold installed.

    Raises:
        psycopg.Error: It has not.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        prefix = next(iter((cursor.execute(_PREFIX).fetchone() or {"": None}).values()))
        asked = {"groups": [*GROUPS, *SERVING], "prefix": prefix}
        reach = next(iter((cursor.execute(_REACH, asked).fetchone() or {"": []}).values()))
        rows = cursor.execute(
            _FUNCTIONS, {"groups": list(GROUPS), "prefix": prefix, "reach": reach, "checked": _CHECKED}
        ).fetchall()
        composites: dict[int, tuple[str, list[Column]]] = {}
        for row in cursor.execute(_COLUMNS).fetchall():
            columns = composites.setdefault(row["type"], (row["name"], []))[1]
            columns.append(Column(row["column_name"], row["column_type"], row["present"], tuple(row["words"])))
    functions: dict[str, Function] = {}
    for row in rows:
        known = functions.get(row["name"])
        overloads = (*(known.overloads if known else ()), _overload(row, composites))
        functions[row["name"]] = Function(
            row["name"], row["procedure"], row["reads"], known.comment if known else row["comment"] or "",
            tuple(row["groups"]), overloads,
        )  # fmt: skip
    return Catalog(
        str(prefix), frozenset(reach), functions, {name: tuple(columns) for name, columns in composites.values()}
    )


def overload(function: Function, given: Mapping[str, Any]) -> Overload:
    """The set of arguments that a call means: the one that has what was given."""
    for each in function.overloads:
        names = {argument.name for argument in each.arguments}
        if names.issuperset(given) and all(a.name in given for a in each.arguments if a.required):
            return each
    return function.main


def invocation(function: Function, given: Mapping[str, Any]) -> sql.Composed:
    """The call of a function, its arguments as placeholders of their names, each cast to its type.

    Args:
        function: Which function.
        given: Its arguments by name.
    """
    types = {argument.name: argument.type for argument in overload(function, given).arguments}
    arguments = sql.SQL(", ").join(
        sql.SQL("{} => {}::{}").format(sql.Identifier(name), sql.Placeholder(name), sql.SQL(types[name]))
        for name in given
    )
    return sql.SQL("{}({})").format(sql.Identifier("freehold", function.name), arguments)


def _overload(row: dict[str, Any], composites: dict[int, tuple[str, list[Column]]]) -> Overload:
    given = [
        (name, kind) for name, mode, kind in zip(row["names"], row["modes"], row["types"], strict=True) if mode in "ib"
    ]
    words = {
        name: column.words
        for name, table, checked in row["checked"]
        for composite, columns in composites.values() if composite == table
        for column in columns if column.name == checked
    }  # fmt: skip
    arguments = tuple(
        Argument(name, kind, at < row["required"], words.get(name, ())) for at, (name, kind) in enumerate(given)
    )
    out = [Column(n, t) for n, m, t in zip(row["names"], row["modes"], row["types"], strict=True) if m in "otb"]
    composite, columns = None, tuple(out) if len(out) > 1 else ()
    if row["composite"] in composites:
        composite, found = composites[row["composite"]]
        columns = tuple(found)
    # A value may be null; a row is none where a query found none.
    maybe = not row["many"] and (not columns or (composite is not None and row["query"]))
    return Overload(arguments, columns, composite, row["result"], row["many"], maybe)
