"""Runs wrk against both servers in turn, so that what slows the machine for a while slows both."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.measure import Spread, spread
from bench.service.scene import ROWS, Scene

HERE = Path(__file__).resolve().parent
OURS, BY_HAND, IN_MEMORY = "freehold", "by hand", "by hand, keys in memory"
SUBJECTS = (OURS, BY_HAND, IN_MEMORY)
LOGINS = {OURS: "bench_service", BY_HAND: "bench_plain", IN_MEMORY: "bench_plain"}
KEYS, TOKENS = "API keys", "tokens"
SIZE = 10
"""Connections of each server to the database."""


@dataclass(frozen=True, order=True)
class Case:
    """What is measured.

    Attributes:
        callers: ``KEYS`` or ``TOKENS``.
        connections: Of wrk.
    """

    callers: str
    connections: int

    @property
    def subjects(self) -> tuple[str, ...]:
        """Who is measured: where API keys are is all the same to a token."""
        return SUBJECTS if self.callers == KEYS else (OURS, BY_HAND)

    def __str__(self) -> str:
        return f"{self.callers}, {self.connections} connection{'s' * (self.connections > 1)}"


@dataclass
class Found:
    """What wrk said, by case and subject, round by round."""

    runs: dict[tuple[Case, str], list[dict[str, float]]] = field(default_factory=dict)

    def add(self, case: Case, subject: str, run: dict[str, float]) -> None:
        """Keeps a run."""
        self.runs.setdefault((case, subject), []).append(run | {"per_second": run["requests"] / run["seconds"]})

    def cases(self) -> list[Case]:
        """What was measured."""
        return sorted({case for case, _ in self.runs})

    def of(self, case: Case, subject: str, what: str) -> Spread:
        """A figure of a subject's runs."""
        return spread([run[what] for run in self.runs[case, subject]])

    def ratio(self, case: Case, what: str, than: str) -> Spread:
        """How many times the figure of a hand-written one freehold's is: the spread of the rounds' ratios."""
        pairs = zip(self.runs[case, OURS], self.runs[case, than], strict=True)
        return spread([ours[what] / theirs[what] for ours, theirs in pairs])

    def total(self, what: str) -> int:
        """Of all runs."""
        return int(sum(run[what] for runs in self.runs.values() for run in runs))


@contextlib.contextmanager
def serving(scene: Scene, subject: str) -> Iterator[str]:
    """A server in a process of its own; where it is."""
    told: dict[str, Any] = {
        "subject": subject, "dsn": scene.dsn(LOGINS[subject]), "size": SIZE, "issuer": scene.issuer,
        "hashed": scene.hashed(), "public": scene.public,
    }  # fmt: skip
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        port = listening.getsockname()[1]
        # The lines that it logs are written, and read by nobody.
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.service.server"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[listening.fileno()], cwd=HERE.parents[1], text=True,
        )  # fmt: skip
        assert process.stdin is not None
        json.dump(told | {"fd": listening.fileno()}, process.stdin)
        process.stdin.close()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@dataclass
class Driver:
    """wrk.

    Attributes:
        program: Where it is.
        environment: That it runs in.
        home: Where the files of callers are.
    """

    program: str
    environment: Mapping[str, str]
    home: Path

    def prepare(self, scene: Scene) -> None:
        """Writes the files of callers."""
        for name, tokens in ((KEYS, scene.keys), (TOKENS, scene.tokens)):
            lines = [f"{slug} {token}\n" for slug, token in tokens.items()]
            (self.home / name).write_text("".join(lines), encoding="ascii")

    def run(self, url: str, case: Case, seconds: int) -> dict[str, float]:
        """One run.

        Raises:
            RuntimeError: It said nothing.
        """
        done = subprocess.run(
            [self.program, "-t1", f"-c{case.connections}", f"-d{seconds}s", "--timeout", "30s",
             "-s", str(HERE / "load.lua"), url, "--", str(self.home / case.callers), str(ROWS)],
            capture_output=True, text=True, check=False, env={**os.environ, **self.environment},
        )  # fmt: skip
        line = next((each for each in done.stdout.splitlines() if each.startswith("found: ")), None)
        if done.returncode != 0 or line is None:
            raise RuntimeError(f"wrk failed: {done.stdout[-500:]}{done.stderr[-500:]}")
        found: dict[str, float] = json.loads(line.removeprefix("found: "))
        return found


def measure(
    driver: Driver, tenants: int, urls: Mapping[str, str], cases: list[Case], rounds: int, seconds: int,
    say: Callable[[str], None],
) -> Found:  # fmt: skip
    """Runs all rounds, after one that is not counted.

    Args:
        driver: wrk.
        tenants: How many there are: each session has to have seen nearly all of them before.
        urls: Where the servers are.
        cases: What is measured.
        rounds: That are counted.
        seconds: Of each run.
        say: Is told what goes on.
    """
    found = Found()
    for subject, url in urls.items():
        say(f"warms up: {subject}")
        done = 0.0
        while done < 2 * tenants * SIZE:
            done += driver.run(url, cases[-1], seconds)["requests"] or tenants
    for number in range(rounds + 1):
        say(f"round {number} of {rounds}" if number else "a round that is not counted")
        for case in cases:
            for subject in case.subjects if number % 2 else reversed(case.subjects):
                run = driver.run(urls[subject], case, seconds)
                if number:
                    found.add(case, subject, run)
    return found
