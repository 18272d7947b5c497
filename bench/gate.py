"""What an application's login waits for at its first SET ROLE, in the first and in the newest cell of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg import sql

from bench.measure import Gate, Results
from bench.place import Connection, Place
from bench.subjects.base import Clock

FULL = 0.9
"""A cell is compared with the first if it has so much of its tenants: the last of a fleet may be nearly empty."""


@dataclass(frozen=True)
class _Turn:
    """What takes turns: a cell, a login that may pass its gate, and a runtime role of the cell's."""

    place: Place
    login: str
    role: str
    gate: Gate


def measure_gates(places: Sequence[Place], repetitions: int, results: Results, say: Callable[[str], None]) -> None:
    """Times the first and the second SET ROLE of new backends, cells and places in turn.

    Args:
        places: Where; a fleet without tenants is passed over.
        repetitions: Rounds that are counted, after one that warms up.
        results: Is added to, round by round.
        say: Is told what goes on.
    """
    turns = [turn for place in places for turn in _turns(place)]
    results.gates += [turn.gate for turn in turns]
    for number in range(repetitions + 1):
        say(f"gate: {'warm-up' if number == 0 else f'{number} of {repetitions}'}")
        for turn in turns:
            first, again = _pass(turn)
            if number > 0:
                turn.gate.first[number], turn.gate.again[number] = first, again


def _turns(place: Place) -> list[_Turn]:
    with place.connect(superuser=True) as admin:
        found = admin.execute(
            """
            select t.cell, count(*), min(t.rw_role), c.gate_name,
                (select count(distinct m.roleid) from pg_auth_members as m
                 where m.member = to_regrole(quote_ident(c.gate_name)))
            from freehold.tenant as t
            join freehold.cell as c on c.number = t.cell
            where t.slug like 'fleet-%' and t.state = 'active'
            group by t.cell, c.gate_name
            order by t.cell
            """
        ).fetchall()
        full = [row for row in found if row[1] >= FULL * found[0][1]]
        chosen = [full[0], full[-1]] if len(full) > 1 else full
        return [
            _Turn(place, _login(place, admin, cell, str(gate)), str(role), Gate(place.tenants, cell, members))
            for cell, _, role, gate, members in chosen
        ]


def _login(place: Place, admin: Connection, cell: int, gate: str) -> str:
    """The login that passes the gate of a cell, made where there is none yet."""
    login = gate.replace("freehold_", "bench_", 1)
    if admin.execute("select 1 from pg_roles where rolname = %s", (login,)).fetchone() is None:
        admin.execute(sql.SQL("create role {} login").format(sql.Identifier(login)))
    with place.connect() as operator:
        operator.execute("select freehold.gate_grant(%s, %s)", (login, cell))
    return login


def _pass(turn: _Turn) -> tuple[float, float]:
    """The first SET ROLE of a new backend, and the second.

    The backend is a superuser's that becomes the login by SET SESSION AUTHORIZATION, which needs no
    password. For SET ROLE that is as good as a login: of which roles a role is a member, a backend
    works out when it is first asked, and for a superuser it is never asked. A login has been asked
    once by then, whether it may connect, but that followed no membership that is not inherited.
    """
    statement = sql.SQL("set role {}").format(sql.Identifier(turn.role))
    with turn.place.connect(superuser=True) as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(turn.login)))
        with Clock() as first:
            connection.execute(statement)
        with Clock() as again:
            connection.execute(statement)
    return first.seconds, again.seconds
