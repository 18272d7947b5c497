"""Runs the attacks and judges them by the canaries, not by what the server says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from freehold.errors import FreeholdError
from freehold.isolation.attack import Attack, Finding, Model, Verdict
from freehold.isolation.attacks import GROUPS
from freehold.isolation.loot import Loot
from freehold.isolation.observer import Observer
from freehold.isolation.scene import Scene, Side

_TIMEOUT = 10.0
# What a transaction finds in its session, whatever was in it before.
_FOUND = """
select concat_ws(' ', 'role', current_user, session_user = current_user) union all
select concat_ws(' ', 'setting', name, setting) from pg_settings
where source = 'session' and name not in ('search_path', 'role', 'application_name', 'transaction_deferrable') union all
select concat_ws(' ', 'path', current_setting('search_path')) union all
select concat_ws(' ', 'actor', nullif(current_setting('freehold.actor', true), '')) union all
select concat_ws(' ', 'cursor', name) from pg_cursors union all
select concat_ws(' ', 'prepared', name) from pg_prepared_statements union all
select concat_ws(' ', 'channel', c) from pg_listening_channels() as c union all
select concat_ws(' ', 'advisory lock', objid) from pg_locks
where locktype = 'advisory' and pid = pg_backend_pid() union all
select concat_ws(' ', 'temporary', relname) from pg_class where relnamespace = pg_my_temp_schema()
order by 1
"""


@dataclass(frozen=True)
class Control:
    """An attempt that must succeed: without it, a suite in which everything fails would pass.

    Attributes:
        name: What is tried.
        model: By which means.
        passed: Whether it succeeded.
    """

    name: str
    model: Model
    passed: bool

    def to_json(self) -> dict[str, Any]:
        """As the report has it."""
        return {"control": self.name, "model": self.model, "passed": self.passed}


def run(
    scene: Scene, report: Callable[[int, int], None], groups: Mapping[str, Sequence[Attack]] = GROUPS
) -> Iterator[Finding | Control]:
    """Runs all attacks by all means that the scene has.

    Args:
        scene: An open one.
        report: Is told how many attempts were made, and of how many.
        groups: The attacks.

    Yields:
        The controls, then a finding for each attack and means.
    """
    scene.restore()
    tried = [(group, attack, model) for group, attacks in groups.items() for attack in attacks for model in scene.pools]
    for model in scene.pools:
        yield from _controls(scene, model)
    expected = {model: _found(scene, model) for model in scene.pools}
    observer = Observer(scene)
    yield Control("the victim works undisturbed", next(iter(scene.pools)), not (observer.harm() or observer.heard()))
    for number, (group, attack, model) in enumerate(tried):
        report(number, len(tried))
        if not attack.tried(model):
            continue
        verdict, evidence, touched = _attempt(scene, observer, attack, model, expected[model])
        surprise = verdict == "possible" and model not in attack.known
        surprise = surprise or (verdict == "visible" and not attack.shows)
        yield Finding(group, attack, model, verdict, evidence, surprise)
        if touched:
            if attack.undo is not None:
                attack.undo(scene)
            scene.restore()
            observer.changes()
    report(len(tried), len(tried))


def _attempt(
    scene: Scene, observer: Observer, attack: Attack, model: Model, expected: list[str]
) -> tuple[Verdict, str, bool]:
    pool = scene.pools[model]
    if attack.before:
        with (
            contextlib.suppress(psycopg.Error, FreeholdError),
            pool.transaction(scene.victim.slug, timeout=_TIMEOUT) as session,
        ):
            careless = Loot(session)
            for statement in scene.statements(attack.before):
                careless.run(statement)
        observer.changes()
    loot, harm = None, list[str]()
    with (
        contextlib.suppress(psycopg.Error, FreeholdError),
        pool.transaction(scene.attacker.slug, timeout=_TIMEOUT) as session,
    ):
        loot = Loot(session)
        if model == "expression":
            loot.evaluate(scene.fill(attack.expression or "''"))
        else:
            for statement in scene.statements(attack.sql):
                loot.run(statement)
        harm = observer.harm()
        loot.hear()
    # A notification is sent at COMMIT.
    harm += observer.heard()
    if loot is None:
        return "untried", "the attacker's transaction could not be opened", False
    return _judge(scene, observer, attack, model, loot, harm, expected)


def _judge(
    scene: Scene, observer: Observer, attack: Attack, model: Model, loot: Loot, harm: list[str], expected: list[str]
) -> tuple[Verdict, str, bool]:
    proof = attack.proof(scene) if attack.proof is not None else None
    marked = attack.mark is not None and loot.holds(scene.fill(attack.mark))
    changed, found = observer.changes(), _found(scene, model)
    if found != expected:
        changed.append("the next transaction finds: " + ", ".join(sorted(set(found) ^ set(expected))))
    if proof is not None:
        changed.append(proof)
    changed += harm
    if loot.holds(scene.victim.row_canary):
        return "possible", "it read a row of the victim's", bool(changed)
    if changed:
        return "possible", changed[0], True
    if marked:
        return ("visible" if attack.shows else "possible"), "it got what it was after", False
    if any(map(loot.holds, scene.victim.shown_canaries)):
        return "visible", "it read a definition of the victim's", False
    return "prevented", loot.errors[0] if loot.errors else "it found nothing", False


def _found(scene: Scene, model: Model) -> list[str]:
    """What the victim's transaction finds in the session that the pool gives it, and that it works."""
    try:
        with scene.pools[model].transaction(scene.victim.slug, timeout=_TIMEOUT) as session:
            found = [text for (text,) in session.execute(_FOUND.encode())]
            rows = session.execute("select count(*) from freehold_canary").fetchone()
    except (psycopg.Error, FreeholdError) as error:
        return [f"{type(error).__name__}: {error}"]
    return [*found, f"rows {rows}"]


def _controls(scene: Scene, model: Model) -> Iterator[Control]:
    """The tenant itself succeeds, and the same eyes that look for a leak see what is the tenant's own."""
    if model == "login":
        yield Control("a wrong password is refused", model, not scene.logs_in(scene.victim, "wrong"))
    for side in (scene.attacker, scene.victim):
        name = "the attacker" if side is scene.attacker else "the victim"
        yield Control(f"{name} writes a row and reads it", model, _reads(scene, model, side))
    with scene.pools[model].transaction(scene.victim.slug) as session:
        loot = Loot(session)
        loot.run("select * from freehold_canary_copy")
        yield Control("a row that is read is seen", model, loot.holds(scene.victim.row_canary))
        loot = Loot(session)
        loot.run("copy freehold_canary to stdout")
        yield Control("a row that is copied is seen", model, loot.holds(scene.victim.row_canary))
        loot = Loot(session)
        loot.run("select 1/(length(body) - length(body)), body from freehold_canary")
        loot.run("insert into freehold_canary (body, code) select body, code from freehold_canary")
        yield Control("a row in an error is seen", model, loot.holds(scene.victim.row_canary))


def _reads(scene: Scene, model: Model, side: Side) -> bool:
    with scene.pools[model].transaction(side.slug) as session:
        session.execute("insert into freehold_canary (body) values (%s)", (f"{side.row_canary} control",))
        loot = Loot(session)
        if model == "expression":
            loot.evaluate("(select string_agg(body, ' ') from freehold_canary)")
        else:
            loot.run("select body from freehold_canary")
        return loot.holds(f"{side.row_canary} control")
