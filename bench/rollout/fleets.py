"""What is asked of fleets of several sizes: what it costs to find nothing to do, and what a worker keeps."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import Spread, spread
from bench.place import Connection, Place
from bench.rollout.subjects import Change, identity, write
from bench.subjects.base import Clock
from freehold import Control
from freehold.migrate.files import Directory
from freehold.migrate.plan import entries, pending

CHECKS = 5
ROOT = Path(__file__).resolve().parents[2]


def measure_fleet(place: Place, template: str, table: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Takes a change over a fleet by the command line's worker, and then looks for what is left to do.

    Args:
        place: Where the fleet is.
        template: Its template.
        table: The table of it that is changed.
        say: Is told what goes on.
    """
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as name, place.connect(superuser=True) as admin:
        change = Change(time.time_ns() // 1_000_000, table)
        write(Path(name), change)
        directory = Directory(Path(name))
        say(f"a worker's memory, {place.tenants:,} tenants")
        with place.connect() as connection:
            control = Control(connection)
            row = control.rollout_create(template, entries([directory[identity(change)]]))
            control.rollout_start(row["id"], row["plan_digest"])
        memory = _watch(place, admin, row["id"], Path(name))
        say(f"nothing to do, {place.tenants:,} tenants")
        checks = [_check(place, template, directory) for _ in range(CHECKS + 1)][1:]
    return {
        "tenants": place.tenants,
        "template": template,
        "missing_ms": _ms([check[0] for check in checks]),
        "create_ms": _ms([check[1] for check in checks]),
        "status_ms": _ms([check[2] for check in checks]),
        "check_ms": _ms([sum(check) for check in checks]),
        "memory": memory,
    }


def _check(place: Place, template: str, directory: Directory) -> tuple[float, float, float]:
    """In a session of its own, as a command has it; what was planned is not kept."""
    with place.connect() as connection:
        control = Control(connection)
        with Clock() as missing:
            assert pending(control, template, directory) == []
        with Clock() as create, connection.transaction(force_rollback=True):
            control.rollout_create(template, entries(list(directory)))
        with Clock() as status:
            assert len(control.migration_status(template)) >= place.tenants
    return missing.seconds, create.seconds, status.seconds


def _watch(place: Place, admin: Connection, rollout: int, directory: Path) -> list[dict[str, Any]]:
    """The most that a worker and its server process have had, up to so many tenants."""
    work = ["-m", "freehold", "--json", "rollout", "work", str(rollout), "--directory", str(directory)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
        "FREEHOLD_DSN": place.server.dsn(),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "pyapp"), os.environ.get("PYTHONPATH", "")]),
    }
    marks = sorted({size for size in (100, 1000) if size < place.tenants} | {place.tenants})
    found: list[dict[str, Any]] = []
    client_most = server_most = 0.0
    process = subprocess.Popen(
        [sys.executable, *work, "--workers", "1"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while True:
            over = process.poll() is not None
            row = admin.execute(
                "select count(*) from freehold.rollout_tenant as t"
                " where t.rollout_id = %s and t.wave > 0 and t.state = 'done'",
                (rollout,),
            ).fetchone()
            assert row is not None
            while len(found) < len(marks) and row[0] >= marks[len(found)]:
                found.append({"tenants": marks[len(found)], "client_mib": client_most, "server_mib": server_most})
            if over:
                break
            client_most = max(client_most, _memory(process.pid))
            pids = admin.execute(
                "select pid from pg_stat_activity where application_name = 'freehold worker'"
            ).fetchall()
            server_most = max([server_most, *(_memory(pid) for (pid,) in pids)])
            time.sleep(0.02)
        errors = process.communicate()[1]
        assert process.returncode == 0, errors
    finally:
        process.kill()
        process.wait()
    return found


def _memory(pid: int) -> float:
    """What a process has for itself, in MiB; nothing where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return round(int(found[0]) / 1024, 1) if found else 0.0


def _ms(values: list[float]) -> list[float]:
    of: Spread = spread([value * 1000 for value in values])
    return [round(of.median, 3), round(of.low, 3), round(of.high, 3)]
