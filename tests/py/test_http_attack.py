"""What callers, clients and SQL that somebody smuggled in try over HTTP, and must not get."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import APIRouter
from pydantic import SecretStr

from freehold import catalog as catalogs
from freehold.http import InTenant, functions, stream
from freehold.http.calling import ROWS, Answer
from support.database import Database
from support.patience import until
from support.service import GROUPS, TestService, key, running

TEMPLATE = "create table note (id int primary key, body text not null);"
# Puts itself off again whenever it is run, in the hope of being run by whoever commits.
DEFERRED = """
create table t (n int);
create function again() returns trigger language plpgsql as $f$
begin
    if current_user like '%template%' then
        set constraints all deferred;
        insert into t values (1);
    else
        perform set_config('role', 'freehold_analyst', false);
        raise exception 'escaped as %', current_user;
    end if;
    return null;
end $f$;
create constraint trigger c after insert on t deferrable initially deferred for each row execute function again();
insert into t values (1)"""
HELD = """
create function evil() returns int language plpgsql as $f$
begin
    raise exception 'escaped as %', current_user;
end $f$;
grant execute on function evil() to public;
do $d$ begin execute 'declare h cursor with hold for select evil()'; end $d$"""
SET = "set default_transaction_read_only = on; select set_config('search_path', 'nowhere', false), set_config('lock_timeout', '1', false)"
router = APIRouter()


@router.get("/notes/{number}")
async def note(number: int, tenant: InTenant) -> Any:
    rows = await tenant.connection.execute("select body from note where id = %s", (number,))
    return [row[0] for row in await rows.fetchall()]


@router.get("/injected")
async def injected(role: str, tenant: InTenant) -> Any:
    await tenant.connection.execute("reset role")
    await tenant.connection.execute("select set_config('role', %s, false)", (role,))
    return "reached"


@pytest.fixture(scope="module")
def world(module_database: Database) -> Database:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    for slug in ("alpha", "beta"):
        control.tenant_provision(slug)
    with module_database.connect(module_database.admin_dsn) as admin:
        admin.execute("insert into tenant_beta.note values (1, 'a secret of beta')")
        admin.execute("select freehold.fleet_prepare()")
    return module_database


@pytest.fixture(scope="module")
def service(world: Database) -> Iterator[TestService]:
    with running(world, tenant_router=router) as service:
        yield service


@pytest.fixture(scope="module")
def admin(world: Database, service: TestService) -> httpx.Client:
    return service.client(key(world, "admin"))


def kept(database: Database) -> str:
    rows = database.connect(database.admin_dsn).execute(
        "select concat_ws(' ', r.key, r.response) from freehold.request as r"
    )
    return "\n".join(row[0] for row in rows.fetchall())


@pytest.mark.parametrize("group", GROUPS)
def test_a_key_may_have_each_role(world: Database, service: TestService, group: str) -> None:
    client = service.client(key(world, group, name=f"each-{group}"))
    role = {"break_glass": "/v1/break_glass_list", "analyst": "/v1/rollup_list"}.get(group, "/v1/tenant_list")
    assert client.request("POST" if group == "break_glass" else "GET", role).status_code == 200


@pytest.mark.parametrize("path", ["/v1/tenant_list/", "/t/alpha/v1/member_list/", "/health/"])
def test_nobody_is_sent_to_where_the_header_host_says(service: TestService, path: str) -> None:
    answer = service.client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize(
    "path",
    ["/t/alpha%2f..%2fbeta/notes/1", "/t/alpha/../beta/notes/1", "//t/beta/notes/1", "/t/beta;alpha/notes/1", "/t/BETA/notes/1",
     "/t/%62eta/notes/1", "/t/beta%00/notes/1", "/t/beta%20/notes/1", "/t/alpha//t/beta/notes/1"],
)  # fmt: skip
def test_no_spelling_of_a_path_leads_a_key_to_another_tenant(
    world: Database, service: TestService, path: str, request: pytest.FixtureRequest
) -> None:
    name = f"path-{next(iter(request.node.callspec.indices.values()))}"
    client = service.client(key(world, name=name, slugs=["alpha"]))
    answer = client.send(client.build_request("GET", service.url + path))
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_slow_calls_do_not_keep_others_from_being_known(world: Database) -> None:
    with running(world, tenant_router=router, pool_size=1) as service:
        admin, application = service.client(key(world, "admin", name="slow")), service.client(key(world, name="quick"))
        answers: list[httpx.Response] = []
        with psycopg.connect(world.owner_dsn) as holder:
            holder.execute("select freehold.tenant_suspend('alpha', 'held')")
            slow = threading.Thread(
                target=lambda: answers.append(
                    admin.post("/v1/tenant_suspend", json={"slug": "alpha", "reason": "slow"})
                )
            )
            slow.start()
            watcher = world.connect(world.admin_dsn)
            until(
                lambda: bool(
                    watcher.execute(
                        "select 1 from pg_stat_activity where usename = 'test_service' and wait_event_type = 'Lock'"
                    ).fetchone()
                )
            )
            seen = [
                service.client().get("/ready").status_code,
                service.client(f"fh_1_{'x' * 43}").get("/v1/tenant_list").status_code,
                application.get("/t/beta/notes/1").status_code,
            ]
            holder.rollback()
        slow.join()
        assert seen == [200, 401, 200]
        assert answers[0].status_code == 200
        world.control().tenant_resume("alpha")


def test_calls_of_one_key_leave_room_for_another(world: Database) -> None:
    with running(world, pool_size=2) as service:
        greedy, other = (service.client(key(world, "admin", name=name)) for name in ("eager", "patient"))
        answers: list[int] = []
        with psycopg.connect(world.admin_dsn) as admin:
            admin.execute("lock freehold.tenant in access exclusive mode")
            calls = [
                threading.Thread(target=lambda: answers.append(greedy.get("/v1/tenant_list").status_code))
                for _ in range(4)
            ]
            for call in calls:
                call.start()
            until(lambda: len(service.server.server_state.tasks) == len(calls))
            assert [other.get("/v1/task_list").status_code for _ in range(3)] == [200] * 3
        for call in calls:
            call.join(timeout=60)
        assert answers == [200] * len(calls)


def test_what_was_accepted_goes_on_whatever_its_caller_does(world: Database) -> None:
    """Its steps take none of the connections that he has a share of, and are made though he has used that up."""
    asked = {"issuer": "https://login.example.com", "subject": "alice", "slug": "accepted"}
    answers: list[int] = []

    def waiting(count: int) -> bool:
        query = "select count(*) from pg_stat_activity where usename = 'test_service' and wait_event_type = 'Lock'"
        return watcher.execute(query).fetchone() == (count,)

    with (
        running(world, pool_size=2) as service,
        psycopg.connect(world.admin_dsn) as step,
        psycopg.connect(world.admin_dsn) as call,
    ):
        watcher = world.connect(world.admin_dsn)
        admin = service.client(key(world, "admin", name="accepting"))
        step.execute("lock freehold.membership in access exclusive mode")
        call.execute("lock freehold.task in access exclusive mode")
        begun = admin.post("/v1/signup_begin", json=asked)
        assert (begun.status_code, begun.json()["stage"]) == (202, "claimed")
        until(lambda: waiting(1))
        busy = threading.Thread(target=lambda: answers.append(admin.get("/v1/task_list").status_code))
        busy.start()
        # His share is one of the two.
        until(lambda: waiting(2))
        step.rollback()
        until(lambda: world.control().signup_get(begun.json()["id"])["state"] == "ready")
        assert not answers
        call.rollback()
        busy.join(timeout=60)
        assert answers == [200]


def test_who_waits_too_long_for_calls_of_his_own_is_told(world: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.http.service._PATIENCE", 0.1)
    watched: dict[str, Any] = {"params": {"slug": "gamma"}, "headers": {"Accept": "text/event-stream"}}
    world.control().tenant_provision("gamma")
    with running(world, pool_size=1, stream_interval=0.02) as service, contextlib.ExitStack() as stack:
        client = service.client(key(world, "admin", name="hasty"))
        answers: list[int] = []
        events = stack.enter_context(client.stream("GET", "/v1/tenant_get", **watched)).iter_lines()
        assert next(events) == "event: change"
        with psycopg.connect(world.admin_dsn) as admin:
            admin.execute("lock freehold.tenant in access exclusive mode")
            first = threading.Thread(target=lambda: answers.append(client.get("/v1/tenant_list").status_code))
            first.start()
            waiting = "select from pg_stat_activity where usename = 'test_service' and wait_event_type = 'Lock'"
            watcher = world.connect(world.admin_dsn)
            until(lambda: watcher.execute(waiting).fetchone() is not None)
            # Long enough for the stream to be refused a look as well.
            second = [client.get("/v1/task_list") for _ in range(8)][-1]
        first.join(timeout=60)
        assert (second.status_code, second.headers["retry-after"], answers) == (503, "5", [200])
        assert "calls of yours" in second.json()["detail"]
        assert client.get("/v1/task_list").status_code == 200
        # A stream of his looks again.
        world.control().tenant_suspend("gamma")
        assert next(line for line in events if line.startswith("event:")) == "event: change"


@pytest.mark.parametrize(
    "role", ["freehold_admin", "freehold_analyst", "freehold_break_glass", "freehold_member", "freehold_auditor"]
)
def test_sql_injected_into_a_tenants_route_reaches_no_role_of_the_control_plane(world: Database, role: str) -> None:
    dsn = world.login_dsn("test_tenants")
    with psycopg.connect(world.admin_dsn, autocommit=True) as admin:
        admin.execute("grant freehold_resolver to test_tenants")
        admin.execute("select freehold.gate_grant('test_tenants', 1)")
    with running(world, tenant_router=router, tenants_dsn=SecretStr(dsn)) as service:
        client = service.client(key(world, name=f"injecting-{role.replace('_', '-')}"))
        assert client.get("/t/beta/notes/1").json() == ["a secret of beta"]
        answer = client.get("/t/beta/injected", params={"role": role})
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")


@pytest.mark.parametrize("script", [DEFERRED, HELD])
def test_a_script_is_never_run_by_whoever_commits(admin: httpx.Client, world: Database, script: str) -> None:
    name = f"escape{len(script)}"
    admin.post("/v1/template_create", json={"name": name})
    answer = admin.post("/v1/template_apply", json={"name": name, "script": script})
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")


def test_what_a_script_sets_is_gone_with_it(admin: httpx.Client) -> None:
    admin.post("/v1/template_create", json={"name": "settings"})
    assert admin.post("/v1/template_apply", json={"name": "settings", "script": SET}).status_code == 200
    for _ in range(3):
        assert admin.post("/v1/setting_set", json={"name": "seed_limit", "value": "100000"}).status_code == 200


@pytest.mark.parametrize("role", ["analyst", "break_glass"])
def test_an_admin_gets_no_role_by_a_key_that_he_makes(admin: httpx.Client, role: str) -> None:
    answer = admin.post("/v1/api_key_create", json={"name": f"more-{role}", "roles": ["admin", role]})
    assert (answer.status_code, answer.json()["code"]) == (403, "FH381")


def test_tenants_rows_are_not_kept_for_a_repetition(world: Database, service: TestService) -> None:
    analyst = service.client(key(world, "analyst", name="asking"))
    given = {"json": {"query": "select body from note"}, "headers": {"Idempotency-Key": "rows"}}
    for _ in range(2):
        answer = analyst.post("/v1/fleet_query", **given)  # type: ignore[arg-type]
        assert "a secret of beta" in answer.text
        assert "idempotency-replayed" not in answer.headers
    assert "secret" not in kept(world)


def test_whatever_only_analysts_may_ask_is_not_kept(world: Database) -> None:
    functions = catalogs.read(world.connect(world.admin_dsn)).functions
    found = {f.name for f in functions.values() if f.groups == ("analyst",) and not f.reads}
    assert found - {"fleet_begin", "fleet_columns"} <= set(ROWS), "but for a number, and types"
    assert set(ROWS) <= functions.keys()


def test_an_erasure_takes_the_answers_that_name_the_tenant(admin: httpx.Client, world: Database) -> None:
    for slug in ("doomed", "doomed2"):
        given = {"slug": slug, "display_name": f"Mrs {slug}"}
        assert admin.post("/v1/tenant_provision", json=given, headers={"Idempotency-Key": slug}).status_code == 200
    assert '"Mrs doomed"' in kept(world)
    admin.post("/v1/tenant_retire", json={"slug": "doomed", "grace": "0"})
    headers = {"Prefer": "wait=30", "Idempotency-Key": "erasing"}
    gone = {"slug": "doomed", "reason": "contract over"}
    assert admin.post("/v1/tenant_erase", json=gone, headers=headers).json()["state"] == "done"
    assert '"Mrs doomed"' not in kept(world)
    assert '"Mrs doomed2"' in kept(world)
    assert admin.post("/v1/tenant_erase", json=gone, headers=headers).headers["idempotency-replayed"] == "true"


def test_a_user_who_is_erased_is_in_no_answer(admin: httpx.Client, world: Database) -> None:
    given = {"issuer": "https://login.example.com", "subject": "nina", "email": "Nina@example.com"}
    made = admin.post("/v1/user_ensure", json=given, headers={"Idempotency-Key": "nina"}).json()
    invited = {"slug": "alpha", "email": "nina@example.com"}
    assert admin.post("/v1/invitation_create", json=invited, headers={"Idempotency-Key": "nina2"}).status_code == 200
    assert "nina" in kept(world)
    assert admin.post("/v1/user_erase", json={"id": made["id"], "reason": "asked for"}).status_code == 200
    assert "nina@example.com" not in kept(world).lower()


def test_a_repetition_is_told_what_was_done_though_the_tag_has_changed(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "tagged"})
    headers = {
        "If-Match": admin.get("/v1/tenant_get", params={"slug": "tagged"}).headers["etag"],
        "Idempotency-Key": "tag",
    }
    answers = [admin.post("/v1/tenant_suspend", json={"slug": "tagged"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    late = admin.post("/v1/tenant_resume", json={"slug": "tagged"}, headers=headers | {"Idempotency-Key": "late"})
    assert late.status_code == 412


def test_a_key_that_was_refused_by_its_tag_is_free(admin: httpx.Client) -> None:
    admin.post("/v1/tenant_provision", json={"slug": "refused"})
    headers = {"If-Match": '"another"', "Idempotency-Key": "free"}
    assert admin.post("/v1/tenant_suspend", json={"slug": "refused"}, headers=headers).status_code == 412
    del headers["If-Match"]
    assert admin.post("/v1/tenant_suspend", json={"slug": "refused"}, headers=headers).status_code == 200


def test_one_caller_does_not_have_all_streams(world: Database) -> None:
    with running(world, idle_streams=4, stream_interval=0.02) as service, contextlib.ExitStack() as stack:
        greedy, other = (service.client(key(world, "auditor", name=name)) for name in ("greedy", "other"))

        def watch(client: httpx.Client) -> int:
            return stack.enter_context(
                client.stream("GET", "/v1/setting_list", headers={"Accept": "text/event-stream"})
            ).status_code

        assert [watch(greedy) for _ in range(3)] == [200, 200, 503]
        assert watch(other) == 200
        stack.close()
        until(lambda: not service.app.state.service.streams)
        assert not service.app.state.service.watching


def test_a_client_that_reads_nothing_has_its_stream_for_its_time_alone(
    world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_QUIET", 0.2)
    with running(world, stream_interval=0.001, stream_lifetime=0.2) as service, socket.socket() as deaf:
        token = key(world, "auditor", name="deaf")
        here = service.app.state.service

        said: list[int] = []

        async def shout(*_: object) -> Answer:
            said.append(1)
            return Answer(json.dumps("x" * 20_000_000 + str(len(said))))

        monkeypatch.setattr(functions, "call", shout)
        deaf.connect(("127.0.0.1", int(service.url.rpartition(":")[2])))
        asked = f"GET /v1/setting_list HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n"
        deaf.sendall(asked.encode())
        until(lambda: here.streams == 1)
        until(lambda: here.streams == 0)


def test_an_applications_own_key_is_told_that_a_tenant_is_suspended(world: Database, service: TestService) -> None:
    own, operator = service.client(key(world, name="own")), service.client(key(world, "admin", name="operator"))
    world.control().tenant_provision("paused")
    world.control().tenant_suspend("paused", "unpaid")
    told = own.get("/t/paused/notes/1")
    assert (told.status_code, told.json()["code"]) == (403, "FH302")
    assert operator.get("/t/paused/notes/1").status_code == 404
