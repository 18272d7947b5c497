"""Who is a member, asked under the role that may: the service's login inherits none."""

from __future__ import annotations

from functools import partial
from typing import Any

from freehold.context import AsyncTenants
from freehold.context.steps import Steps
from freehold.http.database import Database
from freehold.web import AsyncMembers


class ServiceMembers(AsyncMembers):
    """Members by the tokens of one issuer.

    Args:
        tenants: In whose directory answers are kept.
        issuer: Of the tokens.
        database: Who is asked.
        role: As which role.
    """

    def __init__(self, tenants: AsyncTenants, issuer: str, database: Database, role: str) -> None:
        super().__init__(tenants, issuer)
        self._database, self._role = database, role

    def _ask(self, query: str, values: tuple[object, ...]) -> Steps[Any]:
        return (yield partial(self._look, query, values))

    async def _look(self, query: str, values: tuple[object, ...]) -> Any:
        async with self._database.transaction(self._role, "freehold-http", "", read_only=True) as connection:
            row = await (await connection.execute(query, values)).fetchone()
        return None if row is None else row[0]
