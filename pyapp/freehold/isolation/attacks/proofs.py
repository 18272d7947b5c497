"""Proofs and repairs of attacks that no canary shows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from freehold.isolation.scene import Scene

TAKEN = "fh-taken"


def logs_in_as_attacker(scene: Scene) -> str | None:
    """Whether the attacker's own role has another password now."""
    return "it logs in with a password of its own" if scene.logs_in(scene.attacker, TAKEN) else None


def logs_in_as_victim(scene: Scene) -> str | None:
    """Whether the victim's has."""
    return "it logs in as the victim" if scene.logs_in(scene.victim, TAKEN) else None


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
