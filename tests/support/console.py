"""The console under test: a small fleet, the service, and browsers that are signed in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect

from freehold.control import Control
from freehold.migrate.files import Directory
from freehold.migrate.plan import entries, pending

from .database import Database
from .fleet import Fleet
from .service import TestService, key, running

PATIENCE = 60_000
"""Milliseconds for what a busy machine takes its time for."""
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 780}, "device_scale_factor": 2, "has_touch": True}


expect.set_options(timeout=PATIENCE)


class Console:
    """A service with its console, over a fleet.

    Attributes:
        fleet: The tenants, and a directory of migrations.
        service: What serves.
        admin_key: Of an administrator.
        auditor_key: Of an auditor.
    """

    def __init__(self, fleet: Fleet, service: TestService) -> None:
        self.fleet, self.service = fleet, service
        self.admin_key = key(fleet.database, "admin", name="ada")
        self.auditor_key = key(fleet.database, "auditor", name="otto")

    @property
    def control(self) -> Control:
        """The owner's."""
        return self.fleet.control

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"{self.service.url}/console"

    def client(self, token: str | None = None) -> Visitor:
        """Somebody without a browser."""
        visitor = Visitor(self.service.client(headers={"Origin": self.service.url}), self.url)
        if token is not None:
            answer = visitor.post("/sign-in", {"key": token})
            assert answer.status_code == 303, answer.text
        return visitor

    def plan(self, name: str, text: str, **options: Any) -> int:
        """A rollout that is planned and not started."""
        self.fleet.write(name, text)
        files = pending(self.control, "default", Directory(self.fleet.path))
        return int(self.control.rollout_create("default", entries(files), **options)["id"])


class Visitor:
    """Somebody who speaks HTTP as a browser would, or not quite."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client, self.url = client, url

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page."""
        return self.client.get(self.url + path, **options)

    def token(self, path: str = "/tenants") -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def post(self, path: str, form: dict[str, str], *, signed: bool = False, **options: Any) -> httpx.Response:
        """A form, with the session's token where that is said."""
        return self.client.post(self.url + path, data={**form, **({"csrf": self.token()} if signed else {})}, **options)


@contextlib.contextmanager
def console(database: Database, path: Path, *, tenants: int = 8, **settings: Any) -> Iterator[Console]:
    """A console for the length of a ``with`` block."""
    fleet = Fleet(database, path, tenants)
    with running(database, stream_interval=0.05, **settings) as service:
        yield Console(fleet, service)


@contextlib.contextmanager
def browsing(browser: Browser, *, faultless: bool = True, **options: Any) -> Iterator[Page]:
    """A page of somebody's own, which may log no error of its policy or its code, where it is not said to."""
    context: BrowserContext = browser.new_context(**{**DESKTOP, **options})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and _ours(said.text) else None)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    try:
        yield page
        assert wrong == [] or not faultless
    finally:
        context.close()


def _ours(text: str) -> bool:
    # An answer of 4xx is said to be an error, too.
    return "Failed to load resource" not in text


def sign_in(page: Page, console: Console, token: str) -> None:
    """Signs in by a key, as a person does."""
    page.goto(console.url)
    page.get_by_label("Operator key").fill(token)
    page.get_by_role("button", name="Sign in with key").click()
    page.get_by_role("heading", name="Tenants", level=1).wait_for()
