"""A visit: one request of somebody who is signed in, what he may, and what he is answered."""

from __future__ import annotations

import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from psycopg.rows import dict_row
from psycopg.sql import SQL
from psycopg.types.json import set_json_loads
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from freehold.calls import Row, given, invocation, loads
from freehold.catalog import GROUPS, Function
from freehold.http import problem
from freehold.http.authentication import Principal
from freehold.http.console.session import Origin, Session
from freehold.http.console.view import BASE, render, url_of
from freehold.http.database import Connection
from freehold.http.problem import Refusal
from freehold.http.service import Service

Handler: TypeAlias = "Callable[[Visit], Awaitable[Response]]"

LINKS = (
    ("Fleet", (("tenants", "Tenants", "tenant_list"), ("rollouts", "Rollouts", "rollout_list"))),
    ("Record", (("operations", "Operations", "operation_list"), ("events", "Events", "event_list"))),
    ("Health", (
        ("capacity", "Capacity", "statistic_list"), ("isolation", "Isolation", "isolation_check"),
        ("doctor", "Doctor", "doctor"), ("tasks", "Tasks", "task_list"),
    )),
)  # fmt: skip
"""The pages, and the function without which there is nothing to see on each."""


# It is a tenant's users who write what is in the images.
_IMAGES = SQL(
    "select h.id, h.at, h.actor, h.login, h.request_id, h.table_name, h.action, h.key, c.characters, "
    "case when c.characters <= 100000 then h.old end as old, case when c.characters <= 100000 then h.new end as new "
    "from {}({}) as h, "
    "lateral (select coalesce(length(h.old::text), 0) + coalesce(length(h.new::text), 0)) as c (characters)"
)


@dataclass(frozen=True)
class Link:
    """A link of the navigation."""

    path: str
    name: str


class Db:
    """The functions, in one transaction; each is called as the group of the visitor's that may least."""

    def __init__(self, visit: Visit, connection: Connection, role: str) -> None:
        self._visit, self._connection, self._role = visit, connection, role

    async def rows(self, function: str, /, **arguments: object) -> list[Row]:
        """What a function returns.

        Raises:
            Refusal: The visitor may not call it.
            psycopg.Error: It failed.
        """
        return await self._rows(SQL("select * from {}({})"), function, arguments)

    async def images(self, **arguments: object) -> list[Row]:
        """What ``audit_history`` returns, with the length of the images, and without those that are too large."""
        return await self._rows(_IMAGES, "audit_history", arguments)

    async def _rows(self, text: SQL, function: str, arguments: Mapping[str, object]) -> list[Row]:
        await self._become(function)
        sent = given(arguments)
        statement = invocation(text, function, sent)
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            set_json_loads(loads, cursor)
            return await (await cursor.execute(statement, sent)).fetchall()

    async def row(self, function: str, /, **arguments: object) -> Row:
        """The first row of it."""
        return (await self.rows(function, **arguments))[0]

    async def _become(self, name: str) -> None:
        role = self._visit.role(name)
        if role != self._role:
            await self._connection.execute("select set_config('role', %s, true)", (role,))
            self._role = role


@dataclass
class Visit:
    """One request of somebody who is signed in.

    Attributes:
        request: The request.
        here: The service.
        session: Whose it is.
        origin: Where the browser believes it is.
        form: What was posted.
    """

    request: Request
    here: Service
    session: Session
    origin: Origin
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def principal(self) -> Principal:
        """Who it is."""
        return self.session.principal

    @property
    def groups(self) -> list[str]:
        """His groups."""
        return [group for group in GROUPS if group in self.principal.roles]

    @property
    def csrf(self) -> str:
        """What his forms carry."""
        return self.session.csrf

    @property
    def request_id(self) -> str:
        """The request's id."""
        return str(self.request.state.request_id)

    @property
    def links(self) -> list[tuple[str, list[Link]]]:
        """The navigation: the pages that he may see."""
        told = [(group, [Link(path, name) for path, name, needs in pages if self.may(needs)]) for group, pages in LINKS]
        return [(group, pages) for group, pages in told if pages]

    def may(self, *names: str) -> bool:
        """Whether he may call all of these functions: asked of what the database has granted to his groups."""
        return all(self._group(self.here.catalog.functions.get(name)) is not None for name in names)

    def role(self, name: str) -> str:
        """The role as which he calls a function.

        Raises:
            Refusal: He may not.
        """
        group = self._group(self.here.catalog.functions.get(name))
        if group is None:
            raise Refusal(403, f"your role may not call {name}")
        return self.here.catalog.role(group)

    def _group(self, function: Function | None) -> str | None:
        return None if function is None else next((g for g in function.groups if g in self.principal.roles), None)

    def asked(self, name: str, most: int = 200) -> str:
        """A parameter of the query, empty where it is not there."""
        return self.request.query_params.get(name, "").strip()[:most].replace("\x00", "")

    def one_of(self, name: str, words: Collection[str]) -> str:
        """The same, empty where it is none of the words."""
        text = self.asked(name)
        return text if text in words else ""

    def number(self, name: str) -> int | None:
        """The same as a number that a bigint holds."""
        text = self.asked(name, 20)
        return int(text) if text.isdecimal() and len(text) < 19 else None

    @contextlib.asynccontextmanager
    async def database(self, needs: str, *, writes: bool = False, repeatable: bool = False) -> AsyncIterator[Db]:
        """A transaction that begins as the role for a function; it may change nothing unless that is said."""
        role = self.role(needs)
        begun = self.here.transaction(
            self.principal, role, self.request_id, read_only=not writes, repeatable=repeatable
        )
        async with begun as connection:
            yield Db(self, connection, role)

    def page(self, template: str, here: str, *, status: int = 200, **values: Any) -> Response:
        """A page; ``here`` is where it stands in the navigation."""
        url, got = self.request.url, self.request.method == "GET"
        common = {
            "visit": self, "here": here, "theme": theme(self.request), "problem": None,
            "said": None,
            "back": str(url).removeprefix(f"{url.scheme}://{url.netloc}") if got else f"{BASE}/{here}",
        }  # fmt: skip
        return HTMLResponse(render(template, **{**common, **values}), status)

    def part(self, template: str, **values: Any) -> str:
        """A part of a page."""
        return render("_part.html", visit=self, part=template, **values)

    def check_form(self) -> None:
        """Refuses a form that is not one of this session's.

        Raises:
            Refusal: It is not.
        """
        if not hmac.compare_digest(self.form.get("csrf", "").encode(), self.csrf.encode()):
            raise Refusal(403, "the form is not of this session: load the page again")

    def confirmed(self, word: str) -> None:
        """Refuses what was not confirmed by typing.

        Raises:
            Refusal: Something else was typed.
        """
        if self.form.get("confirm", "").strip() != word:
            raise Refusal(422, f"what was typed to confirm is not {word}: nothing was done")

    def unchanged(self, now: str) -> None:
        """Refuses what is done to something that is not any more as the page of the form showed it.

        Raises:
            Refusal: It has changed.
        """
        if self.form.get("seen", now) != now:
            raise meanwhile()

    def reason(self) -> str:
        """Why something is done.

        Raises:
            Refusal: Nothing was said.
        """
        said = self.form.get("reason", "").strip()
        if not said:
            raise Refusal(422, "say why: the reason is kept in the audit trail")
        return said


def meanwhile() -> Refusal:
    """What is said where somebody else was quicker."""
    return Refusal(412, "somebody else has changed it meanwhile, and nothing was done: this is how it is now")


def told(request: Request, error: Exception) -> tuple[int, dict[str, Any]]:
    """The HTTP status of a failure, and what a page shows of it: what the service's problem details say."""
    answer = problem.of(request, error)
    shown = json.loads(bytes(answer.body))
    later = answer.headers.get("retry-after")
    if later and not shown["hint"]:
        shown["hint"] = f"Try again in {later} s."
    return answer.status_code, shown


def theme(request: Request) -> str:
    """The colours that were chosen; empty for the system's."""
    chosen = request.cookies.get("freehold-theme", "")
    return chosen if chosen in ("light", "dark") else ""


def goto(path: str, **query: str) -> Response:
    """Sends the browser on, by GET."""
    return RedirectResponse(url_of(path, query), 303)


def local(path: str) -> str:
    """A path of the console to go back to; the first page where it is something else."""
    fine = (
        path.startswith(f"{BASE}/") and "//" not in path and "\\" not in path and path.isprintable() and len(path) < 500
    )
    return path if fine else f"{BASE}/"
