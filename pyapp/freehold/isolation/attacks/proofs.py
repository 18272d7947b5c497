"""Proofs and repairs of attacks that no canary shows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    from freehold.isolation.scene import Scene

TAKEN = "fh-taken"


def _logs_in(scene: Scene, role: str) -> str | None:
    with (
        contextlib.suppress(psycopg.Error),
        psycopg.connect(make_conninfo(scene.dsn, user=role, password=TAKEN)) as session,
    ):
        # Where the server asks for no password, anything would do.
        if session.pgconn.used_password:
            return f"{role} logs in with a password that the attacker chose"
    return None


def logs_in_as_attacker(scene: Scene) -> str | None:
    """Whether the attacker's own role has another password now."""
    return _logs_in(scene, scene.attacker.rw_role)


def logs_in_as_victim(scene: Scene) -> str | None:
    """Whether the victim's has."""
    return _logs_in(scene, scene.victim.rw_role)


def restore_login(*statements: str) -> Callable[[Scene], None]:
    """Runs statements as the attacker, which may undo what it did to itself, and gives it its password back."""

    def undo(scene: Scene) -> None:
        scene.open_login(scene.attacker)
        for model, tenants in scene.pools.items():
            if model != "expression":
                with contextlib.suppress(psycopg.Error), tenants.transaction(scene.attacker.slug) as session:
                    for statement in statements:
                        session.execute(scene.fill(statement).encode())

    return undo
