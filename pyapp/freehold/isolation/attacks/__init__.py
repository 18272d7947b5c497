"""The attacks, by what they go for."""

from __future__ import annotations

from freehold.isolation.attack import Attack
from freehold.isolation.attacks import (
    forging,
    leaving,
    leftovers,
    making,
    overhearing,
    reading,
    ruling,
    serving,
    writing,
)

GROUPS: dict[str, tuple[Attack, ...]] = {
    "read another tenant": reading.ATTACKS,
    "write to another tenant": writing.ATTACKS,
    "leave the role": leaving.ATTACKS,
    "be somebody else": forging.ATTACKS,
    "make objects": making.ATTACKS,
    "rule over roles and settings": ruling.ATTACKS,
    "reach the server": serving.ATTACKS,
    "overhear and disturb sessions": overhearing.ATTACKS,
    "leave or find something in a pooled session": leftovers.ATTACKS,
}
"""Attacks by group, in the order of the report."""
