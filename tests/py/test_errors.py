from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

import freehold
from freehold.errors import FreeholdError, error_classes
from support.server import TestServer

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    "0": (freehold.BadInput, 422, 2),
    "1": (freehold.NotFound, 404, 3),
    "2": (freehold.Conflict, 409, 4),
    "3": (freehold.Denied, 403, 5),
    "4": (freehold.TryAgain, 503, 6),
    "5": (freehold.Unsound, 500, 7),
}


@pytest.fixture(scope="module")
def connection(server: TestServer) -> Any:
    with server.connect() as connection:
        yield connection


@pytest.mark.parametrize(("code", "cls"), error_classes().items())
def test_psycopg_raises_the_class(connection: psycopg.Connection[Any], code: str, cls: type[FreeholdError]) -> None:
    with pytest.raises(cls) as caught:
        connection.execute(
            f"do $$ begin raise exception 'm' using errcode = '{code}', detail = 'd', hint = 'h'; end $$"
        )
    assert type(caught.value) is cls
    assert caught.value.sqlstate == code
    diag = caught.value.diag
    assert (diag.message_primary, diag.message_detail, diag.message_hint) == ("m", "d", "h")


@pytest.mark.parametrize(("code", "cls"), error_classes().items())
def test_status_and_exit_code_follow_from_the_family(code: str, cls: type[FreeholdError]) -> None:
    base, http_status, exit_code = FAMILIES[code[2]]
    assert issubclass(cls, base)
    assert (cls.http_status, cls.exit_code) == (http_status, exit_code)
    assert getattr(freehold, cls.__name__) is cls
    assert cls.__name__ in freehold.__all__


def test_an_unknown_code_is_still_a_database_error(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        connection.execute("do $$ begin raise exception 'm' using errcode = 'FH299'; end $$")
    assert caught.value.sqlstate == "FH299"


def test_docs_list_them_all() -> None:
    text = (ROOT / "docs" / "errors.md").read_text()
    rows = re.findall(r"^\| `(FH\d{3})` \| `(\w+)` \|", text, re.MULTILINE)
    assert rows == [(code, cls.__name__) for code, cls in error_classes().items()]
    families = re.findall(r"^\| `FH(\d)xx` \| `(\w+)` \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    assert families == [(n, c.__name__, str(http), str(exit_)) for n, (c, http, exit_) in FAMILIES.items()]


def test_sql_raises_no_other_codes() -> None:
    raised = {code for path in (ROOT / "sql").rglob("*.sql") for code in re.findall(r"'(FH\w{3})'", path.read_text())}
    assert raised
    assert raised <= set(error_classes())
