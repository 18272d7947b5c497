"""Prints what plpgsql_check finds in the functions of a fresh install; exits with 1 if it finds anything.

Left out: performance notes; injection warnings about the cells' functions, which exist to
execute what the owner role gives them; and that COMMIT fails where _outside_transaction
sees how it does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg

from freehold import bundle
from freehold.binaries import Binaries
from freehold.embedded import Ephemeral

QUERY = """
    select p.oid::regprocedure::text, c.lineno, c.level, c.message, c.detail, c.hint
    from pg_proc as p
    join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join pg_trigger as t on t.tgfoid = p.oid
    cross join lateral plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), fatal_errors := false, extra_warnings := true, security_warnings := true) as c
    where p.pronamespace = 'freehold'::regnamespace
        and not (c.level = 'security' and p.proname ~ '^_cell_[0-9]+$')
        and not (c.message ~ 'while a subtransaction is active$' and p.proname = '_outside_transaction')
    order by 1, 2
"""


def main() -> int:
    """Installs, checks, prints; returns the exit code."""
    with (
        Ephemeral(Binaries.at(Path(os.environ["FREEHOLD_TEST_PG"]))) as server,
        psycopg.connect(server.dsn(), autocommit=True) as connection,
    ):
        bundle.run(connection, bundle.install_bundle())
        connection.execute("create extension plpgsql_check")
        findings = connection.execute(QUERY).fetchall()
        checked = connection.execute(
            "select count(*) from pg_proc where pronamespace = 'freehold'::regnamespace"
        ).fetchone()
    for function, line, level, message, detail, hint in findings:
        print(f"{function}:{line}: {level}: {message}", *filter(None, (detail, hint)), sep="\n    ")
    print(f"plpgsql_check: {len(findings)} findings in {checked[0] if checked else 0} functions")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
