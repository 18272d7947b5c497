"""What lint says of a migration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something in a migration that would do harm, or may.

    Attributes:
        migration: Its id.
        rule: The name by which it is acknowledged.
        severity: ``error`` stops a rollout unless it is acknowledged, ``warning`` does not.
        line: In the rendered text, from 1, where it is known.
        message: What is there.
        why: What comes of it.
        help: What to do instead.
        rollback: Whether it is in the rollback file.
        acknowledged: Whether the file, or the caller, names the rule.
    """

    migration: str
    rule: str
    severity: str
    line: int | None
    message: str
    why: str
    help: str
    rollback: bool = False
    acknowledged: bool = False

    @property
    def blocks(self) -> bool:
        """Whether a rollout is not to begin."""
        return self.severity == "error" and not self.acknowledged

    def as_row(self) -> dict[str, Any]:
        """All of it by name."""
        return asdict(self) | {"blocks": self.blocks}
