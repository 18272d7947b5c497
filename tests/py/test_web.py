"""docs/how-to/web.md: its application, run over ASGI against a database, and its worker in another process."""

# FastAPI reads annotations where they are: they are not to be texts.
import asyncio
import importlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from jwt.algorithms import OKPAlgorithm
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import freehold
from freehold import AsyncTenants, Tenants
from freehold.web import AsyncResolver, Header, Parts, PathPrefix, Resolver
from support.database import Database
from support.jwks import published
from support.world import World, provision

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "web.md"
KEY = Ed25519PrivateKey.generate()
TEMPLATE = """
    create table note (id bigint generated always as identity primary key, body text not null,
        parent bigint references note deferrable initially deferred);
    create table summary (notes bigint, by text);
"""


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    database = provision(module_database, TEMPLATE)
    database.connect().execute("create schema jobs")
    return database


@pytest.fixture
def world(fleet: Database) -> Iterator[World]:
    world = World(fleet, "role")
    yield world
    world.close("summary", "note")


@pytest.fixture
def page(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The modules of the page, imported."""
    for name in ("app.py", "jobs.py"):
        found = re.findall(rf"^```python\n# {re.escape(name)}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        (tmp_path / name).write_text("\n".join(found))
    key = OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k", "use": "sig"}
    with published({"keys": [key]}) as (url, _):
        settings = {
            "DATABASE": world.conninfo,
            "QUEUE": make_conninfo(world.database.owner_dsn, options="-c search_path=jobs"),
            "JWKS": url,
            "TOKEN_SECRET": "s" * 32,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.syspath_prepend(tmp_path)
        module = importlib.import_module("app")
        yield module
        module.queue.close()
        for name in ("app", "jobs"):
            sys.modules[name].tenants.close()
            del sys.modules[name]


def token(**claims: Any) -> dict[str, str]:
    given = {"sub": "alice", "iss": "https://login.example.com", "aud": "crm", "exp": int(time.time()) + 600} | claims
    return {"Authorization": f"Bearer {jwt.encode(given, KEY, 'EdDSA', headers={'kid': 'k'})}"}


def send(app: FastAPI, *requests: tuple[str, str, dict[str, str]]) -> list[httpx.Response]:
    async def main() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            return [await client.request(method, url, headers=headers) for method, url, headers in requests]

    return asyncio.run(main())


def test_the_application_of_the_page(page: Any, world: World) -> None:
    acme, beta = token(tenant="acme"), token(tenant="beta", sub="bob")
    answers = send(
        page.app,
        ("POST", "http://acme.example.com/notes?body=one", acme),
        ("POST", "http://beta.example.com:8443/notes?body=two", beta),
        ("GET", "http://ACME.example.com/notes", acme),
        ("GET", "http://beta.example.com/notes", beta),
        ("GET", "http://www.example.com/notes", acme),
    )
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (201, None), (201, None), (200, ["one"]), (200, ["two"]), (200, ["one"]),
    ]  # fmt: skip


def test_who_is_refused_by_it(page: Any, world: World) -> None:
    acme = token(tenant="acme")
    world.control.tenant_provision("idle")
    world.control.tenant_suspend("idle", "unpaid")
    asked = {
        ("http://beta.example.com/notes", tuple(acme.items())): (403, "RequestMismatch"),
        ("http://acme.example.com/notes", ()): (401, "NotAuthenticated"),
        ("http://acme.example.com/notes", tuple(token(tenant="acme", aud="x").items())): (401, "NotAuthenticated"),
        ("http://acme.example.com/notes", tuple(token().items())): (403, "NotMember"),
        ("http://a.b.example.com/notes", tuple(acme.items())): (422, "InvalidSlug"),
        ("http://127.0.0.1/notes", ()): (404, "TenantUnnamed"),
        ("http://nobody.example.com/notes", tuple(token(tenant="nobody").items())): (404, "TenantNotFound"),
        ("http://idle.example.com/notes", tuple(token(tenant="idle").items())): (403, "TenantSuspended"),
    }
    answers = send(page.app, *(("GET", url, dict(headers)) for url, headers in asked))
    assert [answer.status_code for answer in answers] == [status for status, _ in asked.values()]
    table = PAGE.read_text()
    for answer, (status, name) in zip(answers, asked.values(), strict=True):
        assert re.search(rf"^\|[^|]*`{name}`[^|]*\| {status} \|", table, re.MULTILINE), name
        assert set(answer.json()) == {"detail"}
        # What an operator may do about it is not for the user.
        assert "tenant_resume" not in answer.text


def test_an_exception_rolls_back_and_a_commit_that_fails_is_told(page: Any, world: World) -> None:
    def fail(connection: page.Connection) -> None:
        connection.execute("insert into note (body) values ('lost')")
        raise ZeroDivisionError

    def late(connection: page.Connection) -> None:
        connection.execute("insert into note (body, parent) values ('lost', 4711)")

    page.app.post("/fail")(fail)
    page.app.post("/late")(late)
    acme = token(tenant="acme")
    answers = send(page.app, *(("POST", f"http://acme.example.com/{path}", acme) for path in ("fail", "late")))
    assert [answer.status_code for answer in answers] == [500, 500]
    assert world.admin.execute("select count(*) from tenant_acme.note").fetchone() == (0,)


def test_its_worker_in_another_process(page: Any, world: World, tmp_path: Path) -> None:
    def procrastinate(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "procrastinate", "--app=jobs.queue", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip

    done = procrastinate("schema", "--apply")
    assert done.returncode == 0, done.stderr
    acme, beta = token(tenant="acme"), token(tenant="beta", sub="bob")
    answers = send(
        page.app,
        ("POST", "http://acme.example.com/notes?body=one", acme),
        ("POST", "http://acme.example.com/summaries", acme),
        ("POST", "http://beta.example.com/summaries", beta),
        ("POST", "http://beta.example.com/summaries", acme),
    )
    assert [answer.status_code for answer in answers] == [201, 202, 202, 403]
    # Whoever writes into the queue, without the secret, has a tenant's name on a text and no more.
    good = page.tenants.hand_over("beta", actor="mallory", purpose="another")
    for forged in (good, good.replace(".", "x."), "acme", ""):
        page.summarise.defer(token=forged)
    done = procrastinate("worker", "--one-shot")
    assert done.returncode == 0, done.stderr
    owner = world.database.connect()
    states = owner.execute(
        "select status::text, count(*) from jobs.procrastinate_jobs group by 1 order by 1"
    ).fetchall()
    assert states == [("failed", 4), ("succeeded", 2)], done.stderr
    assert done.stderr.count("WrongPurpose: ") == 1
    assert done.stderr.count("TokenForged: ") == 3
    query = "select notes, by from tenant_{}.summary"
    assert world.admin.execute(query.format("acme").encode()).fetchall() == [(1, "alice")]
    assert world.admin.execute(query.format("beta").encode()).fetchall() == [(0, "bob")]
    # What the queue keeps is what it was given: a name, no secret.
    kept = str(owner.execute("select args::text from jobs.procrastinate_jobs").fetchall())
    assert "s" * 32 not in kept
    assert str(conninfo_to_dict(world.conninfo)["password"]) not in kept


def test_the_same_with_async(world: World) -> None:
    app = FastAPI()
    tenants = AsyncTenants(world.conninfo, **world.options(), listen=False, token_secret=b"s" * 32)

    async def member(user: str, tenant_id: str, slug: str) -> bool:
        return (user, slug) == ("alice", "acme")

    resolver = AsyncResolver(tenants, Header("X-Tenant"), member=member)

    async def transaction(request: Request) -> Any:
        found = await resolver.resolve(Parts.asgi(request.scope), user=request.headers.get("x-user"))
        async with tenants.transaction(found.slug, actor=found.user, tenant_id=found.tenant_id) as connection:
            yield connection

    async def work(connection: Annotated[Any, Depends(transaction, scope="function")]) -> Any:
        # Where it is all one task, the block is that of the function.
        token = await tenants.hand_over()

        async def later() -> Any:
            async with tenants.resume(token) as resumed:
                return await (
                    await resumed.execute("select freehold.tenant_current(), freehold.actor_current()")
                ).fetchone()

        return await asyncio.create_task(later())

    app.get("/")(work)
    app.exception_handler(freehold.FreeholdError)(
        lambda request, error: JSONResponse({"detail": type(error).__name__}, error.http_status)
    )

    async def main() -> None:
        async with tenants, httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as client:
            answers = [
                await client.get("/", headers=headers)
                for headers in (
                    {"X-Tenant": "acme", "X-User": "alice"},
                    {"X-Tenant": "beta", "X-User": "alice"},
                    {"X-Tenant": "acme"},
                )
            ]
            assert [(answer.status_code, answer.json()) for answer in answers] == [
                (200, ["acme", "alice"]),
                (403, {"detail": "NotMember"}),
                (401, {"detail": "NotAuthenticated"}),
            ]
            twice = httpx.Headers([("X-Tenant", "acme"), ("X-Tenant", "beta"), ("X-User", "alice")])
            assert (await client.get("/", headers=twice)).status_code == 403

    asyncio.run(main())


def test_paths_as_a_server_sends_them(world: World) -> None:
    """What a client encodes reaches the resolver as it was sent."""
    app = FastAPI()
    with Tenants(world.conninfo, **world.options(), listen=False) as tenants:
        resolver = Resolver(tenants, PathPrefix("/t/"), member=lambda *asked: True)

        @app.get("/{rest:path}")
        def whose(request: Request) -> str:
            return resolver.resolve(Parts.asgi(request.scope), user="alice").slug

        app.exception_handler(freehold.FreeholdError)(
            lambda request, error: JSONResponse(type(error).__name__, error.http_status)
        )
        paths = ["/t/acme", "/t/acme/x?y=/t/beta", "/t/%61cme", "/%74/acme", "/t/acme%2F..%2Fbeta", "/t/acme%00", "/t/"]
        answers = send(app, *(("GET", f"http://x{path}", {}) for path in paths))
        assert [answer.json() for answer in answers] == ["acme", "acme", *["InvalidSlug"] * 5]
