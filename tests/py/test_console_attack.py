"""What is done to the console by a tenant's users, by other sites, by issuers, and by operators in a hurry."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, expect
from pydantic import ValidationError

from freehold.control import Control
from freehold.errors import NotAllowed
from freehold.http import Issuer, Settings
from freehold.http.console import diff
from freehold.http.console.view import TOO_DEEP
from support.browser import chromium
from support.console import PHONE, Console, Visitor, browsing, sign_in
from support.console import console as serving
from support.database import Database
from support.issuer import AUDIENCE, OidcIssuer
from support.patience import until
from support.service import key, running


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    users: dict[str, dict[str, Any]] = {"ada": {"roles": ["admin"]}, "otto": {"roles": ["auditor"]}}
    with OidcIssuer(users=users, clients={"console": []}) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def given(issuer: OidcIssuer) -> Issuer:
    return Issuer(issuer=issuer.url, audience=AUDIENCE, kind="operator", client_id="console", actor_prefix="staff:")


@pytest.fixture(scope="module")
def console(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory, issuer: OidcIssuer, given: Issuer
) -> Iterator[Console]:
    with serving(module_database, tmp_path_factory.mktemp("migrations"), tenants=3, issuers=[given]) as console:
        issuer.clients["console"] = {f"{console.url}/sign-in/done"}
        admin = console.fleet.admin
        for slug in ("t01", "t02"):
            admin.execute(f"alter table tenant_{slug}.note add column wild jsonb, add column large numeric".encode())
            console.control.audit_enable(slug, "note")
        yield console


@pytest.fixture
def ada(console: Console) -> Visitor:
    return console.client(console.admin_key)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def dsn(console: Console) -> str:
    return str(console.service.app.state.dsn.get_secret_value())


def as_tenant(console: Console, slug: str, statement: str) -> None:
    """What one of its users brings a tenant's application to do."""
    admin = console.fleet.admin
    with admin.transaction():
        role, schema = f"tenant_{slug}_rw", f"tenant_{slug}"
        admin.execute(f"set local role {role}; set local search_path = {schema}; {statement}".encode())


def clock(console: Console, offset: str) -> None:
    console.fleet.admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (offset,))


def begun(console: Console, visitor: Visitor, user: str = "ada") -> str:
    """A sign-in at the issuer, up to the URL that it sends the browser back to."""
    there = visitor.get("/sign-in/oidc/0").headers["location"]
    return httpx.get(f"{there}&login_hint={user}").headers["location"]


def by_issuer(console: Console) -> Visitor:
    visitor = console.client()
    assert visitor.client.get(begun(console, visitor)).status_code == 200
    assert visitor.get("/tenants").status_code == 200
    return visitor


# By a tenant's users


@pytest.mark.parametrize(
    ("wild", "large"),
    [
        ("(repeat('[', 5000) || repeat(']', 5000))::jsonb", "null"),
        ("(repeat('[', 930) || repeat(']', 930))::jsonb", "null"),
        ("null", "repeat('9', 6000)::numeric"),
        ("'{\"n\": 1e9000}'::jsonb", "null"),
        ("to_jsonb(repeat('x', 3000000))", "null"),
    ],
)
def test_no_row_hides_the_audit_trail(console: Console, ada: Visitor, wild: str, large: str) -> None:
    """PostgreSQL keeps JSON that Python does not read; the page tells of it, and of all that stands beside it."""
    as_tenant(console, "t01", "update note set body = 'first of all', wild = null, large = null")
    as_tenant(console, "t01", f"update note set wild = {wild}, large = {large}")
    as_tenant(console, "t01", "update note set body = 'last of all'")
    answer = ada.get("/tenants/t01/audit?table=note")
    assert answer.status_code == 200
    assert "last of all" in answer.text
    assert len(answer.text) < 300_000
    rows = console.control.audit_history("t01", max_rows=3)
    assert [row["action"] for row in rows] == ["update"] * 3
    assert json.dumps(rows, default=str)


def test_two_values_that_nobody_can_show_are_not_called_the_same() -> None:
    def deep(value: object) -> dict[str, Any]:
        for _ in range(3000):
            value = [value]
        return {"wild": value, "same": 1}

    assert diff._columns(deep(1), deep(2)) == [diff.Change("wild", TOO_DEEP, TOO_DEEP)]


def test_the_pages_of_an_audit_trail_have_every_entry_once(console: Console, ada: Visitor) -> None:
    """Also those whose time is earlier than their number says: of a long transaction, or a clock that was set."""
    control = console.control
    try:
        for n in range(40):
            clock(console, f"{n * 37 % 60 - 60} minutes")
            as_tenant(console, "t02", f"update note set body = 'b{n}'")
            control.limit_set("t02", "connections", str(1 + n))
    finally:
        clock(console, "0")
    wanted = len(control.event_list(slug="t02", max_rows=1000)) + len(control.audit_history("t02", max_rows=1000))
    path: str | None = "/tenants/t02/audit"
    shown = 0
    for _ in range(20):
        text = ada.get(path).text if path else ""
        shown += text.count('<div class="when">')
        found = re.search(r'rel="next" href="/console([^"]+)"', text)
        path = found[1].replace("&amp;", "&") if found else None
        if path is None:
            break
    assert shown == wanted


def test_no_date_makes_the_fleet_unreadable(console: Console, ada: Visitor) -> None:
    admin = console.fleet.admin
    for grace in ("20000 years", "1001 years", *(["infinity"] if admin.info.server_version >= 170_000 else [])):
        with pytest.raises(psycopg.Error, match="longer than 1000 years"):
            admin.execute("select freehold.tenant_retire('t03', %s::interval, 'x')", (grace,))
    assert ada.get("/tenants").status_code == 200


# At issuers


def test_an_issuer_is_asked_again_within_the_hour(console: Console, ada: Visitor) -> None:
    """What somebody may is not what he might in the morning."""
    staff = by_issuer(console)
    clock(console, "61 minutes")
    console.fleet.admin.execute("update freehold.console_session set seen_at = seen_at + interval '61 minutes'")
    try:
        assert staff.get("/tenants").status_code == 303
        assert ada.get("/tenants").status_code == 200
    finally:
        clock(console, "0")


def test_who_came_by_an_issuer_goes_with_it(module_database: Database, console: Console) -> None:
    staff = by_issuer(console)
    cookie = {"Cookie": f"freehold-session={staff.client.cookies['freehold-session']}"}
    with running(module_database, dsn=dsn(console)) as other:
        assert other.client().get("/console/tenants", headers=cookie).status_code == 303
    assert staff.get("/tenants").status_code == 200


def test_the_code_of_another_issuer_is_not_sent_on(
    console: Console, issuer: OidcIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9207: an issuer that sends the browser on to another one gets no code of it."""
    visitor = console.client()
    back, asked = begun(console, visitor), issuer.asked["/token"]
    answer = visitor.client.get(f"{back}&iss=https://honest.example")
    assert (answer.status_code, issuer.asked["/token"]) == (401, asked)
    visitor = console.client()
    assert visitor.client.get(f"{begun(console, visitor)}&iss={issuer.url}").status_code == 200
    said = issuer._discovery()
    monkeypatch.setattr(issuer, "_discovery", lambda: {**said, "authorization_response_iss_parameter_supported": True})
    visitor = console.client()
    assert visitor.client.get(begun(console, visitor)).status_code == 401


def test_the_access_token_is_the_same_issuers(
    module_database: Database, console: Console, issuer: OidcIssuer, given: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OidcIssuer(users={"ada": {"roles": ["admin"]}}) as another:
        second = Issuer(issuer=another.url, audience=AUDIENCE, kind="operator", actor_prefix="other:")
        with running(module_database, dsn=dsn(console), issuers=[given, second]) as service:
            issuer.clients["console"].add(f"{service.url}/console/sign-in/done")
            monkeypatch.setattr(issuer, "token", another.token)
            visitor = Visitor(service.client(), f"{service.url}/console")
            answer = visitor.client.get(begun(console, visitor))
            assert (answer.status_code, "set-cookie" in answer.headers) == (401, True)
            assert "freehold-session" not in visitor.client.cookies


def test_two_tabs_sign_in_at_once(console: Console) -> None:
    visitor = console.client()
    first, second = begun(console, visitor), begun(console, visitor)
    assert visitor.client.get(first).status_code == 401
    assert visitor.client.get(second).status_code == 200
    assert visitor.get("/tenants").status_code == 200


def test_a_place_to_go_to_in_any_script_is_kept(console: Console) -> None:
    visitor = console.client()
    there = visitor.get("/sign-in/oidc/0", params={"next": "/console/tenants?search=名;ü"})
    assert there.status_code == 303
    back = httpx.get(there.headers["location"] + "&login_hint=ada").headers["location"]
    assert 'href="/console/tenants?search=名;ü"' in visitor.client.get(back).text


def test_no_stranger_has_the_issuer_asked_without_end(
    module_database: Database, console: Console, issuer: OidcIssuer, given: Issuer
) -> None:
    with running(module_database, dsn=dsn(console), issuers=[given], failure_rate_limit="6/minute") as service:
        stranger = Visitor(service.client(), f"{service.url}/console")
        discovery, token = "/.well-known/openid-configuration", "/token"
        before = issuer.asked[discovery]
        there = [stranger.get("/sign-in/oidc/0") for _ in range(10)]
        assert sorted(answer.status_code for answer in there) == [303] * 6 + [429] * 4
        assert issuer.asked[discovery] - before == 6
        state = parse_qs(urlsplit(there[5].headers["location"]).query)["state"][0]
        cookie = {"Cookie": f"freehold-sign-in={stranger.client.cookies['freehold-sign-in']}"}
        before = issuer.asked[token]
        answer = stranger.get("/sign-in/done", params={"state": state, "code": "x"}, headers=cookie)
        assert (answer.status_code, issuer.asked[token]) == (429, before)


# Sessions


def test_sign_ins_are_counted_as_calls(module_database: Database, console: Console) -> None:
    token = key(module_database, "auditor", name="eager")
    with running(module_database, dsn=dsn(console), rate_limit="3/hour") as service:
        visitor = Visitor(service.client(headers={"Origin": service.url}), f"{service.url}/console")
        codes = [visitor.post("/sign-in", {"key": token}).status_code for _ in range(5)]
        assert codes == [303] * 3 + [429] * 2


def test_a_page_that_asks_by_itself_keeps_no_session_open(console: Console) -> None:
    visitor = console.client(console.admin_key)
    number = console.plan("0001.watched", "alter table note add column watched int;")
    try:
        clock(console, "20 minutes")
        assert visitor.get(f"/rollouts/{number}/parts").status_code == 200
        clock(console, "31 minutes")
        assert visitor.get(f"/rollouts/{number}/parts").status_code == 401
        clock(console, "20 minutes")
        assert visitor.get("/tenants").status_code == 200
        clock(console, "31 minutes")
        assert visitor.get("/tenants").status_code == 200
    finally:
        clock(console, "0")
        console.control.rollout_abort(number)


def test_who_signs_in_again_leaves_no_session_behind(console: Console, ada: Visitor) -> None:
    cookie = ada.client.cookies["freehold-session"]
    assert ada.post("/sign-in", {"key": console.auditor_key}).status_code == 303
    assert ada.client.cookies["freehold-session"] != cookie
    assert console.client().get("/tenants", headers={"Cookie": f"freehold-session={cookie}"}).status_code == 303
    assert "otto" in ada.get("/tenants").text


def test_pages_that_wait_keep_nobody_from_signing_out(module_database: Database, console: Console) -> None:
    with running(module_database, dsn=dsn(console), pool_size=1) as service:
        slow, other = (Visitor(service.client(headers={"Origin": service.url}), f"{service.url}/console") for _ in "ab")
        for each in (slow, other):
            assert each.post("/sign-in", {"key": console.admin_key}).status_code == 303
        token = other.token()
        answers: list[int] = []
        with psycopg.connect(module_database.admin_dsn) as admin:
            admin.execute("lock freehold.tenant in access exclusive mode")
            thread = threading.Thread(target=lambda: answers.append(slow.get("/tenants").status_code))
            thread.start()
            waits = (
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            # Asked elsewhere: a transaction sees the same processes to its end.
            until(lambda: console.fleet.admin.execute(waits).fetchone() == (1,))
            assert other.post("/sign-out", {"csrf": token}).status_code == 303
        thread.join(timeout=30)
        assert answers == [200]


def test_the_digest_of_a_key_opens_no_session(console: Console) -> None:
    """An application's login is the resolver, too; a backup has digests of keys."""
    login = console.fleet.database.login_dsn("reader")
    console.fleet.admin.execute("grant freehold_resolver to reader")
    digest = hashlib.sha256(console.admin_key.encode()).digest()
    with psycopg.connect(login, autocommit=True) as reader:
        for kind, known in (("key", digest), ("key", b"0" * 32), ("operator", None)):
            with pytest.raises(NotAllowed):
                reader.execute(
                    "select freehold._console_session_open(sha256('x'), 'key:ada', %s, '{}', %s, 'x', 'x', '1 hour')",
                    (kind, known),
                )
    assert not console.fleet.admin.execute("select from freehold.console_session where digest = sha256('x')").fetchall()


def test_pages_of_one_caller_leave_room_for_another(module_database: Database, console: Console) -> None:
    """Somebody loads a slow page again and again."""
    with running(module_database, dsn=dsn(console), pool_size=2) as service:
        one, other = (Visitor(service.client(headers={"Origin": service.url}), f"{service.url}/console") for _ in "ab")
        for each, token in ((one, console.admin_key), (other, console.auditor_key)):
            assert each.post("/sign-in", {"key": token}).status_code == 303
        answers: list[int] = []
        with psycopg.connect(module_database.admin_dsn) as admin:
            admin.execute("lock freehold.tenant in access exclusive mode")
            again = [threading.Thread(target=lambda: answers.append(one.get("/tenants").status_code)) for _ in range(4)]
            for thread in again:
                thread.start()
            waits = "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            until(lambda: console.fleet.admin.execute(waits).fetchone() == (True,))
            assert other.get("/tasks").status_code == 200
        for thread in again:
            thread.join(timeout=60)
        assert answers == [200] * 4


# Operators in a hurry


def test_what_another_operator_has_changed_is_not_changed_unseen(console: Console, ada: Visitor) -> None:
    control = console.control
    control.tenant_suspend("t03", "unpaid")
    page = ada.get("/tenants/t03").text
    form = dict(re.findall(r'name="(csrf|seen)" value="([^"]+)"', page))
    control.tenant_resume("t03")
    control.tenant_suspend("t03", "under attack")
    answer = ada.post("/tenants/t03/resume", form)
    assert answer.status_code == 412
    assert "under attack" in answer.text
    assert control.tenant_get("t03")["state"] == "suspended"
    form = dict(re.findall(r'name="(csrf|seen)" value="([^"]+)"', answer.text))
    assert ada.post("/tenants/t03/resume", form).status_code == 303
    number = console.plan("0002.raced", "alter table note add column raced int;")
    control.rollout_start(number, control.rollout_get(number)["plan_digest"])
    control.rollout_pause(number)
    form = dict(re.findall(r'name="(csrf|seen)" value="([^"]+)"', ada.get(f"/rollouts/{number}").text))
    assert form["seen"] == "paused"
    control.rollout_resume(number)
    assert ada.post(f"/rollouts/{number}/abort", {**form, "reason": "x", "confirm": str(number)}).status_code == 412
    assert control.rollout_get(number)["state"] == "running"
    control.rollout_abort(number)


def test_no_link_says_what_is_not_so(console: Console, ada: Visitor) -> None:
    for path in ("/tenants/t01?said=suspended", "/tenants/t01?said=retired", "/events?said=retired", "/sign-in?out=1"):
        text = ada.get(path).text
        assert 'class="note good"' not in text, path
        assert "is retired" not in text, path
    assert "active again" in ada.get("/tenants/t01?said=resumed").text


def test_a_task_that_was_stopped_is_run_by_no_click(console: Console, ada: Visitor) -> None:
    console.control.task_set("erasure", enabled=False)
    try:
        assert "/tasks/erasure/run" not in ada.get("/tasks").text
        answer = ada.post("/tasks/erasure/run", {}, signed=True)
        assert answer.status_code == 409
        assert "freehold task run erasure" in answer.text
    finally:
        console.control.task_set("erasure", enabled=True)
    assert "/tasks/erasure/run" in ada.get("/tasks").text
    assert ada.post("/tasks/erasure/run", {}, signed=True).status_code == 303


def test_a_form_that_came_too_late_is_said_to_be_lost(console: Console) -> None:
    stranger = console.client()
    page = f"{console.url}/rollouts/1?x=y"
    there = stranger.post("/rollouts/1/pause", {"csrf": "x"}, headers={"Referer": page}).headers["location"]
    text = stranger.client.get(there).text
    assert "Nothing was done" in text
    assert 'name="next" value="/console/rollouts/1?x=y"' in text
    for wrong in ("https://evil.example//evil", "http://[", f"{console.service.url}//evil", ""):
        there = stranger.post("/rollouts/1/pause", {}, headers={"Referer": wrong}).headers["location"]
        assert 'name="next" value="/console/"' in stranger.client.get(there).text


def test_what_a_button_led_to_can_be_loaded_again(ada: Visitor) -> None:
    for path, there in (
        ("/tenants/t01/suspend", "tenants/t01"), ("/rollouts/1/pause", "rollouts/1"), ("/tasks/seal/run", "tasks"),
    ):  # fmt: skip
        answer = ada.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/{there}")
    for path in ("/tenants/t01/erase", "/rollouts/1/nothing"):
        assert ada.get(path).status_code == 404


def test_a_refusal_says_which_request_and_when_to_come_again(module_database: Database, console: Console) -> None:
    with running(module_database, dsn=dsn(console), rate_limit="3/hour") as service:
        visitor = Visitor(service.client(headers={"Origin": service.url}), f"{service.url}/console")
        visitor.post("/sign-in", {"key": key(module_database, "auditor", name="hasty")})
        answers = [visitor.get("/nowhere") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert re.search("Try again in [0-9]+ s", answers[2].text)
        for answer in answers:
            assert answer.headers["x-request-id"] in answer.text


def test_a_double_click_does_it_once(browser: Browser, console: Console) -> None:
    with browsing(browser) as page:
        sign_in(page, console, console.admin_key)
        page.goto(f"{console.url}/provision")
        page.get_by_label("Slug").fill("twice")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.get_by_role("button", name="Provision").dblclick()
        expect(page.get_by_role("status")).to_have_text("The tenant was provisioned.")
        assert len(sent) == 1
        # Who goes back can send it again.
        page.go_back()
        page.get_by_label("Slug").fill("thrice")
        page.get_by_role("button", name="Provision").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("thrice")


def test_no_word_is_wider_than_a_phone(browser: Browser, console: Console) -> None:
    console.control.tenant_suspend("t03", "w" * 800)
    try:
        with browsing(browser, **PHONE) as page:
            sign_in(page, console, console.admin_key)
            for path in ("tenants/t03", "tenants/t03/audit", "events", "operations"):
                page.goto(f"{console.url}/{path}")
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        console.control.tenant_resume("t03")


def test_back_after_signing_out_shows_nothing(browser: Browser, console: Console) -> None:
    with browsing(browser) as page:
        sign_in(page, console, console.admin_key)
        page.goto(f"{console.url}/events")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
        page.go_back()
        expect(page).to_have_url(re.compile("/console/sign-in"))


def test_every_page_that_a_role_is_led_to_is_there(console: Console) -> None:
    for role in ("admin", "auditor", "worker", "break_glass", "analyst"):
        visitor = console.client(key(console.fleet.database, role, name=f"led-{role}"))
        led = set(re.findall(r'href="/console(/[^"?]*)"', visitor.get("/").text + visitor.get("/tenants").text)) - {"/"}
        for path in led:
            if not path.startswith(("/static", "/sign-in")):
                assert visitor.get(path).status_code == 200, (role, path)


def test_a_public_url_is_where_the_service_is() -> None:
    for wrong in ("https://ops.example.com/freehold", "https://ops.example.com/?x", "https://user@ops.example.com"):
        with pytest.raises(ValidationError):
            Settings(public_url=wrong)  # type: ignore[arg-type]
    assert Settings(public_url="https://ops.example.com").public_url is not None  # type: ignore[arg-type]


def test_what_python_does_not_read_is_read_by_the_command_line_too(console: Console) -> None:
    control: Control = console.control
    as_tenant(console, "t01", "update note set wild = null, large = repeat('7', 5000)::numeric")
    assert len(str(control.audit_history("t01", max_rows=1)[0]["new"]["large"])) == 5000
