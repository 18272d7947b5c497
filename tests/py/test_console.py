"""The console in a browser: Debian's headless Chromium on a real service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from support.browser import chromium, shoot
from support.console import PHONE, Console, browsing, sign_in
from support.console import console as serving
from support.database import Database

MARKUP = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'
PAGES = (
    "tenants", "tenants/t01", "tenants/t01/audit", "tenants?state=suspended", "tenants/nobody", "provision", "rollouts",
    "operations", "events", "isolation", "doctor", "capacity", "tasks",
)  # fmt: skip
# Of each text: how it stands out from what is behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c) && c !== 'transparent') return c; } return 'white'; };
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const light = (c) => { canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const found = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('svg, .skip, .hidden, [disabled]')) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.add(`${e.tagName}.${e.className}: ${ratio.toFixed(2)} (${e.textContent.trim().slice(0, 30)})`);
  }
  return [...found];
}"""
# What a screen reader needs of a page.
STRUCTURE = """() => {
  const wrong = [], name = (e) => e.getAttribute('aria-label') || e.textContent.trim() || e.title;
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
  if (!document.documentElement.lang || !document.title) wrong.push('no language or title');
  if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length) wrong.push(`no label: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('a, button, summary')) if (!name(e)) wrong.push(`no name: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('svg')) if (!e.ariaHidden && !e.getAttribute('aria-label')) wrong.push('an svg says nothing');
  for (const e of document.querySelectorAll('th')) if (!e.scope) wrong.push(`th without scope: ${e.textContent}`);
  for (const e of document.querySelectorAll('.scroll')) if (e.tabIndex !== 0 || !name(e)) wrong.push('a box that scrolls, but not by key');
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`id twice: ${id}`);
  for (const e of document.querySelectorAll('[style], [onclick], script:not([src]), style')) wrong.push(`inline: ${e.outerHTML.slice(0, 80)}`);
  return wrong;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def console(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with serving(module_database, tmp_path_factory.mktemp("migrations")) as console:
        console.control.audit_enable("t01", "note")
        console.control.tenant_suspend("t08", "unpaid")
        for task, table in (("statistics", "statistic"), ("tenant_size", "tenant_size")):
            console.control.task_run(task)
            # And an hour before.
            console.fleet.admin.execute(
                f"insert into freehold.{table} select (jsonb_populate_record(s, jsonb_build_object("
                f"'at', s.at - interval '1 hour'))).* from freehold.{table} as s".encode()
            )
        yield console


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    with browsing(browser) as page:
        sign_in(page, console, console.admin_key)
        yield page


@pytest.fixture
def auditor(browser: Browser, console: Console) -> Iterator[Page]:
    with browsing(browser) as page:
        sign_in(page, console, console.auditor_key)
        yield page


def change_note(console: Console, slug: str, body: str) -> None:
    tenant, admin = console.control.tenant_get(slug), console.fleet.admin
    with admin.transaction():
        admin.execute(f"set local role {tenant['rw_role']}; set local freehold.actor = 'zoe'".encode())
        admin.execute(f"update {tenant['schema_name']}.note set body = %s".encode(), (body,))


def test_nobody_comes_in_without_a_key_and_out_is_out(browser: Browser, console: Console) -> None:
    with browsing(browser) as page:
        page.goto(f"{console.url}/tenants/t01")
        expect(page).to_have_url(re.compile("/console/sign-in"))
        assert "t01" not in page.inner_text("body")
        page.get_by_label("Operator key").fill("fh_1_" + "x" * 43)
        page.get_by_role("button", name="Sign in with key").click()
        expect(page.get_by_role("alert")).to_contain_text("Not signed in")
        shoot(page, "sign-in-refused")
        page.get_by_label("Operator key").fill(console.admin_key)
        page.get_by_role("button", name="Sign in with key").click()
        # Where one wanted to go.
        expect(page.get_by_role("heading", level=1)).to_have_text("t01")
        cookie = next(each for each in page.context.cookies() if each["name"] == "freehold-session")
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": console.url}])
        page.goto(f"{console.url}/tenants")
        expect(page).to_have_url(re.compile("/console/sign-in"))


def test_provision_in_the_browser(page: Page, console: Console) -> None:
    page.get_by_role("link", name="Provision").click()
    page.get_by_label("Slug").fill("initech")
    page.get_by_label("Name", exact=True).fill("Initech Robotics")
    page.get_by_label("External id").fill("78.044.902-5")
    page.get_by_role("button", name="Provision").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Initech Robotics")
    expect(page.get_by_role("status")).to_have_text("The tenant was provisioned.")
    row = console.control.tenant_get("initech")
    assert (row["state"], row["external_id_key"]) == ("active", "780449025")
    assert console.control.event_list(slug="initech", kind="tenant_provision.done")[0]["actor"] == "key:ada"
    # What was typed is still there when it is refused.
    page.goto(f"{console.url}/provision")
    page.get_by_label("Slug").fill("initech")
    page.get_by_label("Name", exact=True).fill("Again")
    page.get_by_role("button", name="Provision").click()
    expect(page.get_by_role("alert")).to_contain_text("FH201")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Again")
    expect(page.get_by_label("Slug")).to_have_attribute("aria-invalid", "true")


def test_the_fleet_is_searched_and_compared(page: Page, console: Console) -> None:
    rows = page.get_by_role("region", name="Table of tenants").get_by_role("row")
    drift = page.locator('[data-part="drift-t02"]')
    expect(drift).to_contain_text("none")
    console.fleet.admin.execute("alter table tenant_t03.note add column stray int")
    page.reload()
    expect(page.locator('[data-part="drift-t03"]')).to_contain_text("1 object")
    console.fleet.admin.execute("alter table tenant_t03.note drop column stray")
    shoot(page, "tenants")
    page.get_by_label("Search").fill("t04")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(2)
    page.goto(f"{console.url}/tenants?state=suspended")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("t08")
    page.goto(f"{console.url}/tenants?search=nothing")
    expect(page.get_by_text("No tenant matches.")).to_be_visible()


def start(page: Page, number: int) -> None:
    page.get_by_text("Start", exact=True).click()
    page.locator("#act-start").get_by_label("to confirm").fill(str(number))
    page.get_by_role("button", name=f"Start rollout {number}").click()


def test_a_finding_of_the_doctor_begins_with_what_it_is_about(page: Page, console: Console) -> None:
    page.goto(f"{console.url}/doctor")
    expect(page.get_by_text("PUBLIC: has PostgreSQL's own rights")).to_be_visible()


def test_a_rollout_moves_fails_is_paused_and_goes_on(page: Page, console: Console) -> None:
    fleet = console.fleet
    fleet.admin.execute("alter table tenant_t05.note add column extra text")
    number = console.plan(
        "0001.extra", "alter table note add column extra int;", canaries=["t01"], first_wave=3, growth=2,
        pause_after="canary", max_failure_percent=90,
    )  # fmt: skip
    page.goto(f"{console.url}/rollouts/{number}")
    expect(page.locator("[data-live=live]")).to_have_text("Live")
    # From here on the page is never loaded again but by its own buttons.
    start(page, number)
    summary, state = page.locator('[data-part="summary"]'), page.locator('[data-part="state"]')
    expect(state).to_have_text("running")
    page.evaluate("window.mark = 1")
    fleet.work(number)
    expect(state).to_have_text("paused")
    expect(summary).to_contain_text("Paused")
    expect(summary).to_contain_text("1 of")
    assert page.evaluate("window.mark") == 1, "the page was loaded again, not moved"
    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_text("running")
    page.get_by_role("button", name="Pause").click()
    expect(state).to_have_text("paused")
    assert fleet.control.rollout_get(number)["state"] == "paused"
    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_text("running")
    page.evaluate("window.mark = 2")
    fleet.work(number)
    expect(state).to_have_text("done")
    failure = page.get_by_role("region", name="Table of failures")
    expect(failure).to_contain_text("t05")
    expect(failure).to_contain_text("already exists")
    expect(page.locator("[data-live=still]")).to_have_text("Final")
    expect(summary).to_contain_text("1 failed")
    assert page.evaluate("window.mark") == 2
    shoot(page, "rollout-failed")
    # Mended, it is tried again.
    fleet.admin.execute("alter table tenant_t05.note drop column extra")
    page.get_by_role("button", name="Retry failed").click()
    expect(state).to_have_text("running")
    fleet.work(number)
    expect(state).to_have_text("done")
    expect(page.locator('[data-part="failures"]')).to_have_text("None.")
    said = [row["kind"] for row in console.control.event_list(kind="rollout.") if row["actor"] == "key:ada"]
    assert {"rollout.running", "rollout.paused"} <= set(said)


def test_a_page_without_the_stream_asks_again(page: Page, console: Console) -> None:
    number = console.plan("0002.more", "alter table note add column more int;")
    page.route("**/stream", lambda route: route.fulfill(status=503))
    page.goto(f"{console.url}/rollouts/{number}")
    expect(page.locator("[data-live=polled]")).to_have_text("Refreshed every 3 seconds")
    console.control.rollout_abort(number, "no more wanted")
    expect(page.locator('[data-part="state"]')).to_have_text("aborted")
    expect(page.locator('[data-part="summary"]')).to_contain_text("no more wanted")


def test_all_of_it_without_a_script(browser: Browser, console: Console) -> None:
    number = console.plan("0006.plain", "alter table note add column plain int;")
    with browsing(browser, java_script_enabled=False) as page:
        sign_in(page, console, console.admin_key)
        page.get_by_role("link", name="Compare").click()
        expect(page.locator('[data-part="drift-t02"]')).to_contain_text("none")
        page.goto(f"{console.url}/rollouts/{number}")
        assert page.locator("noscript").inner_html().strip() == '<meta http-equiv="refresh" content="5">'
        start(page, number)
        expect(page.locator('[data-part="state"]')).to_have_text("running")
        page.get_by_text("Abort", exact=True).click()
        page.get_by_label("Reason").fill("not today")
        page.get_by_label("to confirm").fill("something else")
        page.get_by_role("button", name=f"Abort rollout {number}").click()
        expect(page.get_by_role("alert")).to_contain_text("nothing was done")
        page.get_by_text("Abort", exact=True).click()
        page.get_by_label("Reason").fill("not today")
        page.get_by_label("to confirm").fill(str(number))
        page.get_by_role("button", name=f"Abort rollout {number}").click()
        expect(page.locator('[data-part="state"]')).to_have_text("aborted")


def test_an_abort_is_typed(page: Page, console: Console) -> None:
    number = console.plan("0003.typed", "alter table note add column typed int;")
    page.goto(f"{console.url}/rollouts/{number}")
    page.get_by_text("Abort", exact=True).click()
    button = page.get_by_role("button", name=f"Abort rollout {number}")
    expect(button).to_be_disabled()
    page.get_by_label("Reason").fill("a mistake")
    page.locator("#act-abort").get_by_label("to confirm").fill(str(number))
    button.click()
    expect(page.locator('[data-part="state"]')).to_have_text("aborted")
    assert console.control.rollout_get(number)["reason"] == "a mistake"


def test_a_start_is_typed(page: Page, console: Console) -> None:
    number = console.plan("0007.started", "alter table note add column started int;")
    page.goto(f"{console.url}/rollouts/{number}")
    page.get_by_text("Start", exact=True).click()
    expect(page.get_by_role("button", name=f"Start rollout {number}")).to_be_disabled()
    page.get_by_text("Start", exact=True).click()
    visitor, path = console.client(console.admin_key), f"/rollouts/{number}/start"
    form = dict(re.findall(r'name="(seen|digest)" value="([^"]+)"', page.content()))
    assert visitor.post(path, form, signed=True).status_code == 422
    assert visitor.post(path, {**form, "confirm": str(number + 1)}, signed=True).status_code == 422
    assert console.control.rollout_get(number)["state"] == "planned"
    start(page, number)
    expect(page.locator('[data-part="state"]')).to_have_text("running")
    console.control.rollout_abort(number)


def test_the_audit_trail_shows_what_was_and_is(page: Page, console: Console) -> None:
    change_note(console, "t01", "two")
    page.goto(f"{console.url}/tenants/t01/audit")
    entry = page.get_by_role("listitem").filter(has_text="Updated").first
    expect(entry).to_contain_text("by zoe")
    expect(entry.locator("del")).to_have_text('was "one"')
    expect(entry.locator("ins")).to_have_text('is "two"')
    shoot(page, "audit")
    page.get_by_label("What").select_option("@")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Updated")).to_have_count(0)
    expect(page.get_by_text("Tenant provision, done", exact=True)).to_be_visible()


def test_pages_of_the_trail_lose_and_repeat_nothing(page: Page, console: Console) -> None:
    for number in range(60):
        change_note(console, "t01", f"turn {number}")
    wanted = {f'"turn {number}"' for number in range(60)}
    page.goto(f"{console.url}/tenants/t01/audit")
    seen: list[str] = []
    while True:
        seen += re.findall(r'"turn \d+"', "\n".join(page.locator("ins").all_inner_texts()))
        link = page.get_by_role("link", name="Earlier")
        if link.count() == 0:
            break
        link.click()
    assert sorted(seen) == sorted(wanted)


def test_pages_of_operations_lose_and_repeat_none(page: Page, console: Console) -> None:
    for _ in range(30):
        console.control.limit_set("t01", "work_mem", "8MB")
        console.control.limit_reset("t01", "work_mem")
    page.goto(f"{console.url}/operations?slug=t01")
    seen: list[str] = []
    while True:
        seen += page.locator("tbody tr td:first-child").all_inner_texts()
        link = page.get_by_role("link", name="Earlier")
        if link.count() == 0:
            break
        link.click()
    wanted = [str(row["id"]) for row in console.control.operation_list(slug="t01", max_rows=1000)]
    assert len(wanted) > 60
    assert seen == wanted


def test_suspended_and_resumed_by_keyboard_alone(browser: Browser, console: Console) -> None:
    with browsing(browser) as page:
        page.goto(console.url)
        expect(page.get_by_label("Operator key")).to_be_focused()
        page.keyboard.type(console.admin_key)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tenants")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        reach(page, "t02")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("t02")
        reach(page, "Suspend")
        page.keyboard.press("Enter")
        reach(page, "Reason")
        page.keyboard.type("unpaid since May")
        page.keyboard.press("Tab")
        page.keyboard.type("t02")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("The tenant is suspended.")
        row = console.control.tenant_get("t02")
        assert (row["state"], row["state_reason"]) == ("suspended", "unpaid since May")
        reach(page, "Resume t02")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("The tenant is active again.")


def reach(page: Page, name: str) -> None:
    """Tabs to something, which must be seen to have the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        now = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e); return [e.labels?.[0]?.textContent ?? "
            "e.textContent.trim(), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; }"
        )
        if now[0] == name:
            assert now[1], f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"{name} is not reached")


def test_a_phone_scrolls_sideways_in_tables_only(browser: Browser, console: Console) -> None:
    with browsing(browser, **PHONE) as page:
        sign_in(page, console, console.admin_key)
        for path in PAGES:
            page.goto(f"{console.url}/{path}")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 375, f"{path} is {width} wide"
            shoot(page, f"phone-{path.replace('/', '-').replace('?', '-')}")
        page.get_by_text("Menu", exact=True).click()
        page.get_by_role("link", name="Rollouts").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rollouts")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable_and_every_page_is_made_well(browser: Browser, console: Console, scheme: str) -> None:
    with browsing(browser, color_scheme=scheme) as page:
        sign_in(page, console, console.admin_key)
        for path in PAGES:
            page.goto(f"{console.url}/{path}")
            assert page.evaluate(CONTRAST) == [], f"{scheme} {path}"
            assert page.evaluate(STRUCTURE) == [], path
            shoot(page, f"{scheme}-{path.replace('/', '-').replace('?', '-')}")


def test_colours_are_the_systems_or_ones_own(browser: Browser, console: Console) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with browsing(browser, color_scheme="dark") as page:
        sign_in(page, console, console.admin_key)
        dark = page.evaluate(ground)
        page.goto(f"{console.url}/events")
        page.get_by_role("button", name="Light").click()
        expect(page).to_have_url(f"{console.url}/events")
        expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
        light = page.evaluate(ground)
        assert dark != light
        page.get_by_role("button", name="Auto").click()
        expect(page.get_by_role("button", name="Auto")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate(ground) == dark


def test_markup_of_others_is_text(page: Page, console: Console) -> None:
    control, admin = console.control, console.fleet.admin
    control.tenant_provision("evil", display_name=MARKUP, external_id="x" + MARKUP, settings={"a": MARKUP})
    control.audit_enable("evil", "note")
    change_note(console, "evil", MARKUP)
    admin.execute("set freehold.actor = '<b onclick=1>'")
    control.tenant_suspend("evil", MARKUP)
    control.tenant_resume("evil")
    control.tenant_suspend("evil", MARKUP)
    body = MARKUP.replace("'", "''")
    number = console.plan(
        "0004.evil", f"do $$ begin if current_schema() = 'tenant_evil' then raise exception '%', '{body}'; end if; end $$;",
        max_failure_percent=100, attempts=1,
    )  # fmt: skip
    row = control.rollout_get(number)
    control.rollout_start(number, row["plan_digest"])
    console.fleet.work(number)
    assert control.rollout_tenants(number, "failed")[0]["error_message"] == MARKUP
    paths = ("tenants", "tenants/evil", "tenants/evil/audit", f"rollouts/{number}", "operations", "events")
    for path in paths:
        page.goto(f"{console.url}/{path}")
        page.wait_for_load_state("networkidle")
        assert MARKUP in page.inner_text("body"), path
        assert page.evaluate("window.hit") is None, path
    for query in ("search", "state", "template", "after", "said", "slug", "kind", "table", "before_id"):
        for path in ("tenants", "events", "operations", "tenants/evil/audit", "sign-in"):
            page.goto(f"{console.url}/{path}?{query}={MARKUP}")
            assert page.evaluate("window.hit") is None, (path, query)
            assert page.locator("img").count() == 0


def test_nothing_runs_that_is_not_a_file_of_ours(browser: Browser, console: Console) -> None:
    with browsing(browser, faultless=False) as page:
        sign_in(page, console, console.admin_key)
        with pytest.raises(Error, match="Content Security Policy"):
            page.add_script_tag(content="window.hit = 1")
        assert page.evaluate("window.hit") is None


def test_an_auditor_sees_and_changes_nothing(auditor: Page, console: Console) -> None:
    change_note(console, "t01", "secret of t01")
    number = console.plan("0005.auditor", "alter table note add column seen int;")
    for path in (*PAGES, f"rollouts/{number}"):
        auditor.goto(f"{console.url}/{path}")
        buttons = auditor.get_by_role("main").get_by_role("button").all_inner_texts()
        assert set(buttons) <= {"Show"}, path
        assert auditor.locator("main form[method=post]").count() == 0, path
        assert "secret of t01" not in auditor.content()
    auditor.goto(f"{console.url}/provision")
    expect(auditor.get_by_role("alert")).to_contain_text("may not call tenant_provision")
    auditor.goto(f"{console.url}/tenants/t01/audit")
    expect(auditor.get_by_text("Row images are for administrators.")).to_be_visible()
    console.control.rollout_abort(number)


def test_figures_of_the_keeper_are_plots_with_their_numbers(page: Page, console: Console, tmp_path: Path) -> None:
    page.goto(f"{console.url}/capacity?days=1")
    plot = page.get_by_role("img", name=re.compile("^Tenants: "))
    expect(plot).to_be_visible()
    page.get_by_text("Figures").first.click()
    expect(page.get_by_role("region", name="Figures of Tenants")).to_be_visible()
    page.goto(f"{console.url}/tenants/t01")
    expect(page.get_by_role("heading", name="Size on disk")).to_be_visible()
    shoot(page, "tenant", whole=True)
    page.goto(f"{console.url}/tasks")
    page.get_by_role("button", name="Run Seal").click()
    expect(page.get_by_role("status").filter(has_text="has run")).to_be_visible()
