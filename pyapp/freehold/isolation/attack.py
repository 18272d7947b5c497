"""What an attack is: statements, whose they are, and where PostgreSQL is known to let them through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from freehold.isolation.scene import Scene

Model = Literal["expression", "statement", "login"]
MODELS: dict[Model, str] = {
    "expression": "level role, one expression injected into a query",
    "statement": "level role, any SQL",
    "login": "level login, any SQL",
}
Verdict = Literal["prevented", "visible", "possible", "untried"]
"""``visible``: not of the tenant's rows, but what PostgreSQL's catalogs show to every role."""


@dataclass(frozen=True)
class Attack:
    """An attempt of one tenant, the attacker, on another, the victim.

    Texts may hold ``<a>`` and ``<b>`` for the schemas of attacker and victim, and the other names of
    ``Scene.names``.

    Attributes:
        name: In a few words.
        sql: Statements that the attacker runs in a transaction of its own, one after the other, whether the
            one before failed or not.
        expression: The same as one expression in a SELECT, where there is such a form.
        before: What the victim runs on the same pool, in the transaction before.
        mark: A text whose appearance in what the attacker gets is the proof, beside the victim's rows and
            what changed.
        known: Where PostgreSQL lets it through: ``possible`` there is no surprise.
        shows: What it gets is in the catalogs for every role.
        own: It harms nobody but the attacker's own tenant.
        close: What closes it, where it is possible.
        proof: Asks whether it succeeded where nothing else would show it.
        undo: Takes back what it did, where it is known to succeed.
    """

    name: str
    sql: tuple[str, ...] = ()
    expression: str | None = None
    before: tuple[str, ...] = ()
    mark: str | None = None
    known: frozenset[Model] = frozenset()
    shows: bool = False
    own: bool = False
    close: str = ""
    proof: Callable[[Scene], str | None] | None = field(default=None, compare=False)
    undo: Callable[[Scene], None] | None = field(default=None, compare=False)

    def tried(self, model: Model) -> bool:
        """Whether there is a form of it for these means."""
        return self.expression is not None if model == "expression" else bool(self.sql)


@dataclass(frozen=True)
class Finding:
    """What became of an attack.

    Attributes:
        group: The attack's group.
        attack: It.
        model: The attacker's means.
        verdict: What became of it.
        evidence: What shows it.
        surprise: It went further than is known of PostgreSQL.
    """

    group: str
    attack: Attack
    model: Model
    verdict: Verdict
    evidence: str
    surprise: bool

    def to_json(self) -> dict[str, Any]:
        """As the report has it."""
        return {
            "group": self.group,
            "attack": self.attack.name,
            "model": self.model,
            "verdict": self.verdict,
            "own_tenant_only": self.attack.own,
            "evidence": self.evidence,
            "surprise": self.surprise,
            "close": self.attack.close if self.verdict == "possible" else "",
        }
