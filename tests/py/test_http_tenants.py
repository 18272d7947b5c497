"""Tenants over HTTP: members reach their own, and nobody is told of another's; every route of the document is tried."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.exceptions import DependencyScopeError

from freehold.http import InTenant, Issuer, TenantRequest
from freehold.http.app import _apart
from freehold.http.tenant import in_tenant
from support.database import Database
from support.issuer import AUDIENCE, OidcIssuer
from support.service import TestService, key, running

TEMPLATE = "create table note (id int primary key, body text not null);"
HEADER, DOMAIN = "X-Tenant", "example.test"
router = APIRouter()


@router.get("/notes/{number}")
async def note(number: int, tenant: InTenant) -> list[Any]:
    rows = await tenant.connection.execute("select body, current_user::text from note where id = %s", (number,))
    return [tenant.slug, *(await rows.fetchall())]


@router.post("/notes", status_code=201)
async def add(body: str, tenant: InTenant) -> str:
    await tenant.connection.execute("insert into note select coalesce(max(id), 0) + 1, %s from note", (body,))
    row = await (await tenant.connection.execute("select freehold.actor_current()")).fetchone()
    assert row is not None
    return str(row[0])


async def noted(tenant: InTenant, fail: bool = False) -> AsyncIterator[TenantRequest]:
    yield tenant
    await tenant.connection.execute("insert into note values (71, 'at its end')")
    if fail:
        raise HTTPException(409, "not like this")


async def written(tenant: Annotated[TenantRequest, Depends(noted, scope="function")]) -> str:
    await tenant.connection.execute("insert into note values (70, 'meanwhile')")
    return tenant.slug


async def outlived(tenant: Annotated[TenantRequest, Depends(noted)]) -> str:
    return tenant.slug


async def renamed(request: Request) -> TenantRequest:
    request.scope["renamed"] = request.scope.pop("fastapi_function_astack")
    return await in_tenant(request)


@dataclass
class World:
    database: Database
    service: TestService
    issuer: OidcIssuer
    ids: dict[str, str] = field(default_factory=dict)

    def user(self, name: str) -> httpx.Client:
        return self.service.client(self.issuer.token(name))


@pytest.fixture(scope="module")
def world(module_database: Database) -> Iterator[World]:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    for slug in ("alpha", "beta"):
        control.tenant_provision(slug)
        with module_database.connect(module_database.admin_dsn) as admin:
            admin.execute(f"insert into tenant_{slug}.note values (1, 'of {slug}')".encode())
    with (
        OidcIssuer(users={name: {} for name in ("alice", "bob", "carol", "mallory")}) as issuer,
        running(
            module_database, tenant_router=router, tenant_header=HEADER, tenant_domain=DOMAIN, stream_interval=0.02,
            issuers=[Issuer(issuer=issuer.url, audience=AUDIENCE, kind="user")],
        ) as service,
    ):  # fmt: skip
        ids = {name: str(control.user_ensure(issuer.url, name)["id"]) for name in ("alice", "bob", "carol", "mallory")}
        control.member_add("alpha", ids["alice"], "owner")
        control.member_add("beta", ids["bob"], "owner")
        control.member_add("alpha", ids["carol"], "viewer")
        control.member_add("beta", ids["carol"], "member")
        ids["invitation"] = str(control.invitation_create("beta", "new@example.com")["id"])
        yield World(module_database, service, issuer, ids)


def operations(document: dict[str, Any], prefixes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if path.startswith(prefixes) and method != "parameters"
    ]


def told(answer: httpx.Response) -> tuple[int, Any]:
    """What a caller learns, but for the request's id."""
    if "json" not in answer.headers.get("content-type", ""):
        return answer.status_code, answer.text
    body = answer.json()
    if isinstance(body, dict):
        body.pop("request_id", None)
    return answer.status_code, body


def of_tenants(world: World) -> list[tuple[str, str]]:
    found = operations(world.service.client().get("/openapi.json").json(), ("/t/{slug}", "/tenant/"))
    assert any(path == "/t/{slug}/notes/{number}" for path, _ in found), "an application's own routes are among them"
    assert len(found) > 30
    return [(path.replace("{number}", "1"), method) for path, method in found]


def strangers(world: World) -> dict[str, httpx.Client]:
    return {
        "a member of another": world.user("alice"),
        "a member of none": world.user("mallory"),
        "a key of another": world.service.client(_key(world, "alpha-key", slugs=["alpha"])),
        "an admin": world.service.client(_key(world, "admin-key", "admin")),
    }


def _key(world: World, name: str, *roles: str, slugs: list[str] | None = None) -> str:
    kept = world.ids.get(name)
    if kept is None:
        kept = world.ids[name] = key(world.database, *roles, name=name, slugs=slugs)
    return kept


def ask(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    if method == "post":
        options.setdefault("json", {})
    return client.request(method, path, **options)


def test_a_member_reaches_his_tenant_and_says_who_he_is(world: World) -> None:
    bob = world.user("bob")
    assert bob.get("/t/beta/notes/1").json() == ["beta", ["of beta", "tenant_beta_rw"]]
    assert bob.post("/t/beta/notes", params={"body": "x"}).json() == "bob"
    assert bob.get("/tenant/notes/1", headers={HEADER: "beta"}).json()[0] == "beta"
    assert bob.get("/tenant/notes/1", headers={"Host": f"beta.{DOMAIN}"}).json()[0] == "beta"
    assert bob.get("/t/beta/v1/tenant_current").json() == "beta"
    assert bob.get("/t/beta/v1/actor_current").json() == "bob"


def test_a_key_reaches_the_tenants_that_it_is_bound_to(world: World) -> None:
    bound = world.service.client(_key(world, "beta-key", slugs=["beta"]))
    assert bound.get("/t/beta/notes/1").json()[0] == "beta"
    assert bound.get("/t/beta/v1/member_list").status_code == 403
    assert bound.get("/v1/tenant_list").status_code == 403
    own = world.service.client(_key(world, "application"))
    assert [own.get(f"/t/{slug}/notes/1").json()[0] for slug in ("alpha", "beta")] == ["alpha", "beta"]


def test_a_bound_key_with_roles_uses_none_of_them(world: World) -> None:
    bound = world.service.client(_key(world, "bound-admin", "admin", slugs=["beta"]))
    assert bound.get("/t/beta/notes/1").status_code == 200
    assert bound.get("/v1/tenant_get", params={"slug": "beta"}).status_code == 403


@pytest.mark.parametrize("who", ["a member of another", "a member of none", "a key of another", "an admin"])
def test_no_route_tells_a_stranger_whether_a_tenant_exists(world: World, who: str) -> None:
    client = strangers(world)[who]
    for path, method in of_tenants(world):
        ways: list[dict[str, Any]]
        if path.startswith("/t/"):
            ways = [{}, {"headers": {"Accept": "text/event-stream"}}]
            for way in ways:
                there = ask(client, method, path.replace("{slug}", "beta"), **way)
                nowhere = ask(client, method, path.replace("{slug}", "nowhere"), **way)
                assert told(there) == told(nowhere), (method, path)
                assert there.status_code == 404, (method, path)
            # His own in the path, another one beside it.
            for name in ("headers", "host"):
                both = [
                    {"headers": {HEADER: slug} if name == "headers" else {"Host": f"{slug}.{DOMAIN}"}}
                    for slug in ("beta", "nowhere")
                ]
                answers = [ask(client, method, path.replace("{slug}", "alpha"), **way) for way in both]
                assert told(answers[0]) == told(answers[1]), (method, path)
                assert answers[0].status_code == 404, (method, path)
        else:
            for header in ({HEADER: "{}"}, {"Host": "{}." + DOMAIN}):
                there, nowhere = (
                    ask(client, method, path, headers={k: v.format(slug) for k, v in header.items()})
                    for slug in ("beta", "nowhere")
                )
                assert told(there) == told(nowhere), (method, path)
                assert there.status_code == 404, (method, path)


def test_who_is_nobody_is_told_nothing(world: World) -> None:
    client = world.service.client()
    document = client.get("/openapi.json").json()
    for path, method in operations(document, ("/t/{slug}", "/tenant/", "/v1/", "/me/")):
        for slug in ("beta", "nowhere"):
            answer = ask(client, method, path.replace("{slug}", slug).replace("{number}", "1"), headers={HEADER: slug})
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000], ids=["no JSON", "no text", "too deep"])
def test_who_calls_is_asked_before_it_is_told_that_a_body_is_none(world: World, body: bytes) -> None:
    client, headers = world.service.client(), {"Content-Type": "application/json", HEADER: "beta"}
    document = client.get("/openapi.json").json()
    posted = [
        path for path, method in operations(document, ("/t/{slug}", "/tenant/", "/v1/", "/me/")) if method == "post"
    ]
    known = world.service.client(_key(world, "admin-key", "admin"))
    for path in (each.replace("{slug}", "beta") for each in posted if not each.endswith("/notes")):
        answer = client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.headers.get("www-authenticate")) == (401, "Bearer"), path
        assert known.post(path, content=body, headers=headers).status_code in (400, 422), path


def test_without_what_fastapi_closes_before_the_answer_no_transaction_begins(world: World) -> None:
    """FastAPI does not document by which name it keeps that."""
    others = APIRouter()

    @others.post("/kept")
    async def keep(tenant: Annotated[TenantRequest, Depends(renamed, scope="function")]) -> None:
        await tenant.connection.execute("insert into note values (90, 'kept')")

    with running(world.database, tenant_router=others) as service:
        answer = service.client(_key(world, "beta-key", slugs=["beta"])).post("/t/beta/kept")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert world.user("bob").get("/t/beta/notes/90").json() == ["beta"]


def test_an_application_takes_a_body_from_anybody_where_it_asks_nobody(world: World) -> None:
    others = APIRouter()

    @others.post("/open")
    async def anybody(body: list[str]) -> str:
        return body[0]

    @others.post("/marked")
    async def mark(body: list[str], tenant: InTenant) -> str:
        return f"{tenant.slug} {body[0]}"

    sent: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    with running(world.database, tenant_router=others) as service:
        client = service.client()
        assert client.post("/t/beta/open", json=["x"]).json() == "x"
        assert client.post("/t/beta/open", **sent).status_code == 422
        assert client.post("/t/beta/marked", **sent).status_code == 401


def test_a_dependency_that_would_outlive_the_transaction_is_refused() -> None:
    with pytest.raises(DependencyScopeError, match="noted"):
        APIRouter().post("/noted")(outlived)


def test_a_dependency_ends_within_the_transaction(world: World) -> None:
    others = APIRouter()
    others.post("/noted")(written)
    with (
        running(world.database, tenant_router=others) as service,
        world.database.connect(world.database.admin_dsn) as admin,
    ):
        client = service.client(_key(world, "beta-key", slugs=["beta"]))
        found = (
            "select array_agg(body order by id), count(distinct xmin::text) from tenant_beta.note where id in (70, 71)"
        )
        assert client.post("/t/beta/noted", params={"fail": True}).status_code == 409
        assert admin.execute(found).fetchone() == (None, 0)
        assert client.post("/t/beta/noted").json() == "beta"
        assert admin.execute(found).fetchone() == (["meanwhile", "at its end"], 1)


def test_a_body_that_is_none_counts_as_a_call(world: World) -> None:
    with running(world.database, rate_limit="3/minute", failure_rate_limit="2/minute") as service:
        client = service.client(_key(world, "admin-key", "admin"))
        sent: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
        assert [client.post("/v1/tenant_suspend", **sent).status_code for _ in range(4)] == [422, 422, 422, 429]
        nobody = service.client("fh_0_nobody")
        assert [nobody.post("/v1/tenant_suspend", **sent).status_code for _ in range(3)] == [401, 401, 429]


def test_no_function_of_the_control_plane_answers_a_user_or_a_bound_key(world: World) -> None:
    document = world.service.client().get("/openapi.json").json()
    arguments = dict.fromkeys(("slug", "source", "target", "home", "name", "tenant"), "beta")
    for client in (world.user("alice"), world.service.client(_key(world, "alpha-key", slugs=["alpha"]))):
        for path, method in operations(document, ("/v1/",)):
            described = _arguments(document, path, method, arguments)
            there = client.request(method, path, **described("beta"))
            nowhere = client.request(method, path, **described("nowhere"))
            assert there.status_code == 403, (method, path, there.text)
            assert told(there) == told(nowhere)


def _arguments(document: dict[str, Any], path: str, method: str, named: dict[str, str]) -> Any:
    operation = document["paths"][path][method]

    def value(name: str, schema: dict[str, Any], slug: str) -> Any:
        options = schema.get("anyOf", [schema])
        kind = options[0].get("type")
        if name in named:
            return slug
        if kind == "array":
            return []
        if kind in ("integer", "number"):
            return 1
        if kind == "boolean":
            return True
        return str(uuid.UUID(int=7)) if options[0].get("format") == "uuid" else "x"

    def described(slug: str) -> dict[str, Any]:
        if method == "get":
            return {
                "params": {p["name"]: value(p["name"], p["schema"], slug)
                           for p in operation.get("parameters", []) if p.get("required") and p["in"] == "query"}
            }  # fmt: skip
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        schema = schema.get("anyOf", [schema])[0]
        model = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        names = model.get("required", [])
        return {"json": {name: value(name, model["properties"][name], slug) for name in names}}

    return described


def test_ids_of_another_tenant_are_as_good_as_none(world: World) -> None:
    alice, nothing = world.user("alice"), str(uuid.uuid4())
    pairs = {
        "invitation_revoke": [{"id": world.ids["invitation"]}, {"id": nothing}],
        "member_remove": [{"user_id": world.ids["bob"]}, {"user_id": nothing}],
        "member_set_role": [{"user_id": world.ids["bob"], "role": "viewer"}, {"user_id": nothing, "role": "viewer"}],
        "member_deactivate": [{"user_id": world.ids["bob"]}, {"user_id": nothing}],
        "member_activate": [{"user_id": world.ids["bob"]}, {"user_id": nothing}],
    }
    for function, bodies in pairs.items():
        answers = [alice.post(f"/t/alpha/v1/{function}", json=body) for body in bodies]
        shown = [
            json.dumps(told(answer)).replace(next(iter(body.values())), "ID")
            for answer, body in zip(answers, bodies, strict=True)
        ]
        assert shown[0] == shown[1], function
        assert answers[0].status_code == 404, function
    assert [row["user_id"] for row in world.user("bob").get("/t/beta/v1/member_list").json()]
    assert len(world.user("bob").get("/t/beta/v1/invitation_list").json()) == 1


def test_a_cursor_of_another_tenant_leads_nowhere_else(world: World) -> None:
    alice = world.user("alice")
    mine = {world.ids["alice"], world.ids["carol"]}
    for after in (world.ids["bob"], world.ids["carol"], "00000000-0000-0000-0000-000000000000"):
        rows = alice.get("/t/alpha/v1/member_list", params={"after": after}).json()
        assert {row["user_id"] for row in rows} <= mine


def test_an_idempotency_key_of_another_gets_nothing_of_his(world: World) -> None:
    headers = {"Idempotency-Key": "the-same"}
    theirs = world.user("bob").post("/t/beta/v1/invitation_create", json={"email": "b@example.com"}, headers=headers)
    mine = world.user("alice").post("/t/alpha/v1/invitation_create", json={"email": "a@example.com"}, headers=headers)
    assert (theirs.status_code, mine.status_code) == (200, 200)
    assert mine.json()["id"] != theirs.json()["id"]
    assert "idempotency-replayed" not in mine.headers


def test_a_key_used_in_one_tenant_is_another_requests_in_the_next(world: World) -> None:
    carol, headers = world.user("carol"), {"Idempotency-Key": "both"}
    world.database.control().member_set_role("alpha", world.ids["carol"], "admin")
    world.database.control().member_set_role("beta", world.ids["carol"], "admin")
    first = carol.post("/t/alpha/v1/invitation_create", json={"email": "c@example.com"}, headers=headers)
    second = carol.post("/t/beta/v1/invitation_create", json={"email": "c@example.com"}, headers=headers)
    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 409, "FH251")
    world.database.control().member_set_role("alpha", world.ids["carol"], "viewer")
    world.database.control().member_set_role("beta", world.ids["carol"], "member")


def test_the_body_cannot_say_another_tenant_or_member(world: World) -> None:
    alice = world.user("alice")
    for extra in ({"slug": "beta"}, {"by_user": world.ids["bob"]}):
        answer = alice.post("/t/alpha/v1/invitation_create", json={"email": "x@example.com", **extra})
        assert answer.status_code == 422
    assert alice.get("/t/alpha/v1/member_list", params={"slug": "beta"}).status_code == 422


def test_a_member_may_what_his_role_permits(world: World) -> None:
    carol = world.user("carol")
    refused = carol.get("/t/alpha/v1/member_list")
    assert (refused.status_code, refused.json()["code"]) == (403, "FH306")
    assert carol.get("/t/beta/v1/member_list").status_code == 200
    assert carol.post("/t/beta/v1/member_add", json={"user_id": world.ids["mallory"]}).json()["code"] == "FH306"
    assert carol.get("/t/alpha/v1/tenant_current").json() == "alpha"
    assert carol.post("/t/alpha/v1/audit_history", json={"table_name": "note"}).json()["code"] == "FH306"


def test_a_user_chooses_among_his_tenants(world: World) -> None:
    assert [row["slug"] for row in world.user("carol").get("/me/v1/member_tenants").json()] == ["alpha", "beta"]
    assert world.user("mallory").get("/me/v1/member_tenants").json() == []


def test_an_invitation_makes_its_bearer_a_member_once(world: World) -> None:
    made = world.user("bob").post("/t/beta/v1/invitation_create", json={"email": "m@example.com", "role": "viewer"})
    newcomer = world.user("mallory")
    assert newcomer.get("/t/beta/notes/1").status_code == 404
    accepted = newcomer.post("/me/v1/invitation_accept", json={"token": made.json()["token"]})
    assert accepted.status_code == 200
    assert newcomer.get("/t/beta/notes/1").status_code == 200
    assert newcomer.post("/me/v1/invitation_accept", json={"token": made.json()["token"]}).status_code == 404
    world.database.control().member_remove("beta", world.ids["mallory"])


def test_only_members_are_told_that_a_tenant_is_suspended(world: World) -> None:
    control = world.database.control()
    control.tenant_suspend("beta", "unpaid")
    try:
        own = world.service.client(_key(world, "beta-key", slugs=["beta"])).get("/t/beta/notes/1")
        bob = world.user("bob").get("/t/beta/notes/1")
        assert (bob.status_code, bob.json()["code"]) == (403, "FH302")
        assert (own.status_code, own.json()["code"]) == (403, "FH302")
        for client in (world.user("alice"), world.service.client(_key(world, "alpha-key", slugs=["alpha"]))):
            assert told(client.get("/t/beta/notes/1")) == told(client.get("/t/nowhere/notes/1"))
    finally:
        control.tenant_resume("beta")


def test_a_stream_of_a_tenant_is_its_members(world: World) -> None:
    bob = world.user("bob")
    with bob.stream("GET", "/t/beta/v1/member_list", headers={"Accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        first = next(line for line in answer.iter_lines() if line.startswith("data: "))
        assert world.ids["bob"] in first


@pytest.mark.parametrize("name", ["member_list", "invitation_list", "role_list"])
def test_a_stream_ends_when_its_tenant_is_suspended(world: World, name: str) -> None:
    control, bob = world.database.control(), world.user("bob")
    with bob.stream("GET", f"/t/beta/v1/{name}", headers={"Accept": "text/event-stream"}, timeout=5) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: change"
        control.tenant_suspend("beta", "unpaid")
        try:
            assert next(line for line in lines if line.startswith("event:")) == "event: end"
        finally:
            control.tenant_resume("beta")


def test_who_may_no_more_is_not_told_again_what_he_did(world: World) -> None:
    control, carol = world.database.control(), world.user("carol")
    control.member_set_role("alpha", world.ids["carol"], "admin")
    given: dict[str, Any] = {"json": {"email": "again@example.com"}, "headers": {"Idempotency-Key": "once"}}
    first = carol.post("/t/alpha/v1/invitation_create", **given)
    again = carol.post("/t/alpha/v1/invitation_create", **given)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    control.member_set_role("alpha", world.ids["carol"], "viewer")
    refused = carol.post("/t/alpha/v1/invitation_create", **given)
    assert (refused.status_code, refused.json()["code"]) == (403, "FH306")


def test_a_members_functions_that_change_take_the_permission_of_their_name(world: World) -> None:
    """A repetition is answered by this rule."""
    asked = r"_member_may\(v_tenant, by_user, '(\w+:\w+)'"
    with world.database.connect(world.database.admin_dsn) as admin:
        rows = admin.execute(
            "select p.proname, (regexp_match(p.prosrc, %s))[1] from pg_proc as p where p.pronamespace = 'freehold'::regnamespace "
            "and 'by_user' = any (p.proargnames) and p.provolatile = 'v' and p.proname !~ '^_'", (asked,),
        ).fetchall()  # fmt: skip
    assert len(rows) > 5
    for name, permission in rows:
        assert permission == f"{name.partition('_')[0]}:write", name


def test_no_row_of_a_tenant_keeps_its_audit_from_being_read(world: World) -> None:
    control = world.database.control()
    with world.database.connect(world.database.admin_dsn) as admin:
        admin.execute("alter table tenant_alpha.note add column wild jsonb")
        control.audit_enable("alpha", "note")
        control.audit_open("alpha")
        for n in range(3):
            admin.execute(
                f"update tenant_alpha.note set wild = (repeat('[', 3000) || '{n}' || repeat(']', 3000))::jsonb".encode()
            )
    alice = world.user("alice")
    ids: list[str] = []
    given: dict[str, Any] | None = {"table_name": "note", "max_rows": 1}
    while given is not None and len(ids) < 5:
        answer = alice.post("/t/alpha/v1/audit_history", json=given)
        assert answer.status_code == 200, answer.text[:200]
        ids += re.findall(r'"id":([0-9]+),"entry_id"', answer.text)
        found = re.search("before=([0-9]+)", answer.headers.get("link", ""))
        given = {**given, "before": int(found[1])} if found else None
    assert len(set(ids)) == len(ids) == 3


def test_an_applications_routes_stand_first_where_they_take_nothing_of_a_tenants_functions() -> None:
    for path, first in (
        ("/notes/{number}", True),
        ("/v1/notes", False),
        ("/{name}", False),
        ("/{rest:path}", False),
        ("/v{n}", False),
    ):
        routes = APIRouter()
        routes.add_api_route("/plain", note)
        routes.add_api_route(path, note)
        assert _apart(routes) is first, path
    nested = APIRouter()
    nested.include_router(router)
    assert not _apart(nested)
