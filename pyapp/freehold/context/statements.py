"""What psycopg has prepared in a session, and for whom.

Planning a short statement anew costs about as much as running it, so what was prepared stays
while the session stays with one tenant. It is gone before another tenant, or the same tenant
with other rights, gets the session: DEALLOCATE ALL is part of the message that opens its
transaction. A text could be read there (pg_prepared_statements), and a name of psycopg's could
be given to a statement of an attacker's.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

THRESHOLD = 5
"""How often a statement is run before it is prepared: psycopg's own default."""
DEALLOCATE = b"deallocate all; "


class Statements:
    """The prepared statements of one session.

    Args:
        threshold: How often a statement is run before it is prepared; None: never, behind a pooler.
    """

    def __init__(self, threshold: int | None) -> None:
        self._threshold = threshold
        self._owner: Hashable = None
        self._manager: Any = None
        self._held = False

    def claim(self, owner: Hashable) -> bytes:
        """Makes them an owner's.

        Returns:
            What to send ahead of anything else.
        """
        if self._owner == owner:
            return b""
        held, self._held = self._held, False
        self._owner, self._manager = owner, None
        return DEALLOCATE if held else b""

    def lend(self, connection: Any) -> None:
        """Gives them to a connection that the owner's block gets."""
        if self._threshold is not None:
            if self._manager is None:
                self._manager = connection._prepared
            connection._prepared = self._manager
        connection.prepare_threshold = self._threshold

    def keep(self, *, commit: bool) -> bool:
        """Takes them back.

        A plan may be the reason why a transaction failed, and what a block set for itself ends with it: then none
        stay.

        Returns:
            Whether the session keeps any; else it is to be told to forget all.
        """
        manager = self._manager
        if manager is None:
            return False
        as_lent = (manager.prepare_threshold, manager.prepared_max) == (self._threshold, type(manager).prepared_max)
        if commit and as_lent and not manager._to_flush:
            self._held = bool(manager._names)
            return self._held
        self._owner, self._manager, self._held = None, None, False
        return False
