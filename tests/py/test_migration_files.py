from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from yoyo import read_migrations
from yoyo.migrations import topological_sort

from freehold import bundle
from freehold.errors import BadInput, NotFound
from freehold.migrate.files import Directory, MigrationError, MigrationNotFound

Write = Callable[..., Directory]
ONE = "select 1;\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(**files: str | bytes) -> Directory:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Directory(tmp_path)

    return write


def refusal(write: Write, **files: str | bytes) -> MigrationError:
    with pytest.raises(MigrationError) as caught:
        write(**files)
    return caught.value


def test_the_example_is_read_in_yoyos_order() -> None:
    path = bundle.sql_root() / "migrations" / "example"
    directory = Directory(path)
    assert [file.id for file in directory] == [m.id for m in topological_sort(read_migrations(str(path)))]
    assert len(directory) == 8
    file = directory["0007.reports"]
    assert file.path == path / "0007.reports.sql"
    assert file.depends == ("0005.events", "0006.knowledge")
    assert file.source == file.path.read_text()
    assert file.rollback_source == (path / "0007.reports.rollback.sql").read_text()
    assert (file.contract, file.python) == ((), False)


def test_order_is_yoyos_where_names_alone_would_say_otherwise(write: Write, tmp_path: Path) -> None:
    directory = write(
        **{
            "0001.c.sql": "-- depends: 0003.a\nselect 1",
            "0002.b.sql": ONE,
            "0003.a.sql": ONE,
            "0003.a_b.sql": "-- depends: 0001.c 0002.b\nselect 1",
            "10.z.py": '__depends__ = {"0002.b"}\nfrom yoyo import step\nstep("select 1")\n',
            "9.z.sql": ONE,
        }
    )
    ids = [file.id for file in directory]
    assert ids == [m.id for m in topological_sort(read_migrations(str(tmp_path)))]
    assert ids != sorted(ids)
    assert directory["10.z"].python
    assert directory["10.z"].depends == ("0002.b",)


def test_a_digest_covers_both_files(write: Write) -> None:
    plain = write(**{"0001.a.sql": ONE})["0001.a"]
    assert plain.digest == hashlib.sha256(b"select 1;\n\0").hexdigest()
    both = write(**{"0001.a.rollback.sql": "select 2"})["0001.a"]
    assert both.digest == hashlib.sha256(b"select 1;\n\0select 2").hexdigest()
    # What a checkout does to the ends of lines is no change.
    assert write(**{"0001.a.sql": b"select 1;\r\n"})["0001.a"].digest == both.digest


def test_directives_are_read_from_leading_comments_only(write: Write) -> None:
    directory = write(
        **{
            "0001.a.sql": ONE,
            "0002.b.sql": ONE,
            "0003.c.sql": "-- Three.\n{# a note #}\n{% import 'freehold/online.sql' as o %}\n/* more */\n"
            "-- depends: 0001.a\n-- depends: 0002.b\n-- contract: 0001.a, 0002.b\nselect 1;\n-- depends: 0009.z\n",
            "0004.d.py": '__depends__ = ["0003.c"]\n__contract__ = "0001.a"\nraise SystemExit\n',
        }
    )
    assert (directory["0003.c"].depends, directory["0003.c"].contract) == (("0001.a", "0002.b"), ("0001.a", "0002.b"))
    assert (directory["0004.d"].depends, directory["0004.d"].contract) == (("0003.c",), ("0001.a",))


def test_what_is_shared_is_no_migration(write: Write) -> None:
    files = {"0001.a.sql": ONE, "_macros.sql": "x", "shared/b.sql": "x", "README.md": "x", ".0002.x.sql": "x"}
    assert [file.id for file in write(**files)] == ["0001.a"]


@pytest.mark.parametrize("name", ["a.sql", "0001.A.sql", "0001-a.sql", "0001.a.b.sql", "0001.sql", "post-apply.sql"])
def test_a_name_of_another_form_is_refused(write: Write, name: str) -> None:
    error = refusal(write, **{name: ONE})
    assert error.message == f"{name} is not a migration's name"
    assert error.place is not None
    assert error.place.file.endswith(name)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"0001.a.sql": "-- depends: 0000.z\nselect 1"}, "0001.a depends on 0000.z, which is not there"),
        ({"0001.a.sql": "-- depends: 0001.a\nselect 1"}, "0001.a depends on itself"),
        ({"0001.a.sql": "-- contract: 0000.z\nselect 1"}, "0001.a contracts 0000.z, which is not there"),
        (
            {"0001.a.sql": "-- contract: 0002.b\nselect 1", "0002.b.sql": ONE},
            "0001.a contracts 0002.b, which is applied after it",
        ),
        (
            {"0001.a.sql": "-- depends: 0002.b\nselect 1", "0002.b.sql": "-- depends: 0001.a\nselect 1"},
            "migrations depend on one another in a circle",
        ),
        ({"0001.a.sql": ONE, "0001.a.py": "x = 1"}, "two migrations are called 0001.a"),
        ({"0001.a.rollback.sql": ONE}, "0001.a.rollback.sql rolls nothing back"),
        ({"0001.a.py": "x = 1", "0001.a.rollback.sql": ONE}, "0001.a.rollback.sql belongs to a migration in Python"),
        ({"0001.a.sql": b"\xef\xbb\xbfselect 1"}, "the file begins with a byte order mark"),
        ({"0001.a.sql": b"select 1;\n-- \xff"}, "the file is not UTF-8: invalid start byte at byte 13"),
        ({"0001.a.sql": b"select \0 1"}, "the file holds a NUL"),
        ({"0001.a.sql": ""}, "the file is empty: it holds no statement"),
        ({"0001.a.sql": "-- depends:\n\n  ;\n"}, "the file is empty: it holds no statement"),
        ({"0001.a.sql": ONE, "0001.a.rollback.sql": " \n"}, "the file is empty: it holds no statement"),
        ({"0001.a.sql": "-- transactional: flase\nselect 1"}, "-- transactional: flase is neither true nor false"),
        ({"0001.a.sql": "-- backfill: true\n-- backfill: false\nselect 1"}, "-- backfill: is both true and false"),
        ({"0001.a.sql": "-- Depends: 0000.z\nselect 1"}, "-- Depends: is no directive"),
        ({"0001.a.sql": "-- transactionnal: false\nselect 1"}, "-- transactionnal: is no directive"),
        ({"0001.a.py": "x ="}, "not Python: invalid syntax"),
        ({"0001.a.py": "__depends__ = {id()}"}, "__depends__ is not a constant"),
        ({"0001.a.py": "__depends__ = [1]"}, "__depends__ holds something else than strings"),
    ],
)
def test_what_is_wrong_is_said(write: Write, files: dict[str, str | bytes], message: str) -> None:
    error = refusal(write, **files)
    assert error.message == message
    assert (isinstance(error, BadInput), error.exit_code, error.http_status, error.sqlstate) == (True, 2, 422, None)


def test_an_error_tells_the_line_and_a_likely_name(write: Write) -> None:
    error = refusal(write, **{"0001.first.sql": ONE, "0002.b.sql": "-- Two.\n-- depends: 0001.frist\nselect 1"})
    assert error.place is not None
    assert (error.place.line, error.place.text) == (2, "-- depends: 0001.frist")
    assert error.hint == "0001.first is there."
    assert str(error).endswith("0002.b.sql:2: 0002.b depends on 0001.frist, which is not there")


def test_a_comment_that_resembles_no_directive_is_a_comment(write: Write) -> None:
    assert len(write(**{"0001.a.sql": "-- Note: this.\n-- Why: that.\nselect 1"})) == 1


def test_what_is_not_there_is_not_found(write: Write, tmp_path: Path) -> None:
    directory = write(**{"0001.first.sql": ONE})
    with pytest.raises(MigrationNotFound) as caught:
        directory["0001.frist"]
    assert (isinstance(caught.value, NotFound), caught.value.exit_code) == (True, 3)
    assert caught.value.hint == "0001.first is there."
    with pytest.raises(MigrationError, match="there is no directory"):
        Directory(tmp_path / "elsewhere")
