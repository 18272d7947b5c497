"""What a session keeps of the schemas it has seen, and what it saves by that."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from psycopg import sql

from bench.context.scene import Scene
from bench.measure import Spread, spread
from freehold import Limits, Tenants
from freehold.context.steps import run

TABLES = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r' order by relname"


def measure_sessions(scene: Scene, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Memory of a backend by schema, and transactions in cold schemas, warm ones, and right after another tenant's.

    Args:
        scene: Where; its wide tenants are visited.
        repetitions: How often a warm transaction is timed.
        say: Is told what goes on.
    """
    say("sessions: schemas of twenty tables")
    cell, wide = _wide(scene)
    tables = [name for (name,) in scene.admin.execute(TABLES, (f"tenant_{wide[0]}",)).fetchall()]
    lookup = sql.SQL("select code from {} where code = 'none'").format(sql.Identifier(tables[0]))
    cold, warm, sizes = [], [], []
    with _one(scene, cell) as tenants:
        _timed(tenants, wide[0], lookup)
        with tenants.transaction(wide[0]) as connection:
            pid = connection.info.backend_pid
        for slug in wide[1:]:
            # Where the tenant is, is no part of what is timed.
            run(tenants._core.find(slug))
            sizes.append(_memory(pid))
            cold.append(_timed(tenants, slug, lookup))
            warm.append(min(_timed(tenants, slug, lookup) for _ in range(3)))
            with tenants.transaction(slug) as connection:
                for table in tables:
                    connection.execute(sql.SQL("select from {} limit 1").format(sql.Identifier(table)))
        sizes.append(_memory(pid))
    say("sessions: the same tenant again, and another one")
    same, other = _affinity(scene, cell, wide, lookup, repetitions)
    say("sessions: logins")
    logins = _logins(scene)
    grown = [b - a for a, b in pairwise(sizes) if a is not None and b is not None]
    return {
        "schemas": len(cold),
        "tables": len(tables),
        "kib_per_schema": round(sum(grown) / len(grown) / 1024, 1) if grown else None,
        "cold": _said(spread([c / w for c, w in zip(cold, warm, strict=True)])),
        "cold_ms": _said(spread([c * 1000 for c in cold])),
        "warm_ms": _said(spread([w * 1000 for w in warm])),
        "other": _said(spread([o / s for o, s in zip(other, same, strict=True)])),
        "login_ms": _said(spread([t * 1000 for t in logins])),
    }


def _wide(scene: Scene) -> tuple[int, list[str]]:
    """The tenants of one cell, and its number: one login reaches them all."""
    query = "select cell, array_agg(slug order by slug) from freehold.tenant where slug = any (%s) group by cell"
    found = scene.admin.execute(query, (scene.wide,)).fetchall()
    cell, slugs = max(found, key=lambda row: len(row[1]))
    return cell, slugs


def _one(scene: Scene, cell: int) -> Tenants:
    limits = Limits(size=1, schemas=1_000_000)
    return Tenants(scene.gates[cell], gates={cell: scene.gates[cell]}, limits=limits, ttl=3600, listen=False)


def _timed(tenants: Tenants, slug: str, query: sql.Composed) -> float:
    began = time.perf_counter()
    with tenants.transaction(slug) as connection:
        connection.execute(query)
    return time.perf_counter() - began


def _affinity(
    scene: Scene, cell: int, wide: list[str], lookup: sql.Composed, repetitions: int
) -> tuple[list[float], list[float]]:
    first, second = wide[:2]
    same, other = [], []
    with _one(scene, cell) as tenants:
        for _ in range(10):
            for slug in (first, second):
                _timed(tenants, slug, lookup)
        for _ in range(repetitions):
            # Ten of one tenant, so that what is prepared for it is; then one each in turn.
            runs = [_timed(tenants, first, lookup) for _ in range(10)]
            same.append(runs[-1])
            other.append(_timed(tenants, second, lookup))
    return same, other


def _logins(scene: Scene) -> list[float]:
    slugs = scene.slugs[: min(len(scene.slugs), 20)]
    with Tenants(
        scene.dsn("bench_asker"), level="login", secret=scene.secret, limits=Limits(size=1), ttl=3600, listen=False
    ) as tenants:
        times = []
        for slug in slugs:
            began = time.perf_counter()
            with tenants.transaction(slug) as connection:
                connection.execute("select 1")
            times.append(time.perf_counter() - began)
        return times


def _memory(pid: int) -> int | None:
    """What a process has for itself, in bytes; None where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return int(found[0]) * 1024 if found else None


def _said(of: Spread) -> list[float]:
    return [round(of.median, 3), round(of.low, 3), round(of.high, 3)]
