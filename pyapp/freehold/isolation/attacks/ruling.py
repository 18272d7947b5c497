"""Attempts to gain rights, for itself or for others, and to change settings for good."""

from __future__ import annotations

from freehold.isolation.attack import Attack, Model
from freehold.isolation.attacks.proofs import logs_in_as_attacker, logs_in_as_victim, restore_login

_ANY: frozenset[Model] = frozenset({"statement", "login"})
_SELF = "PostgreSQL lets every role change this of its own: it harms its own tenant alone"
ATTACKS = (
    *(
        Attack(f"make itself {word.upper()}", (f"alter role <a_rw> {word}", f"alter role current_user {word}"))
        for word in ("superuser", "createrole", "createdb", "replication", "bypassrls", "connection limit 9999", "valid until 'infinity'", "inherit")
    ),
    Attack("rename itself", ("alter role <a_rw> rename to fh_made",)),
    Attack("grant itself the victim's role", ("grant <b_rw> to <a_rw>", "grant <b_rw> to current_user", "grant <b_owner> to current_user")),
    Attack("grant itself its owner's role", ("grant <a_owner> to current_user",)),
    Attack("grant itself the operators' group", ("grant <admin> to current_user", "grant <control_owner> to current_user", "grant <cell> to current_user")),
    Attack("grant itself the gates", ("grant <gates> to current_user", "grant <gate> to current_user", "grant <gates> to <a_rw>")),
    Attack("grant itself predefined roles", ("grant pg_read_all_data to current_user", "grant pg_read_server_files to current_user",
                                             "grant pg_execute_server_program to current_user", "grant pg_signal_backend to current_user")),
    Attack("grant its own role on", ("grant <a_rw> to <b_rw>", "grant <a_rw> to <gate>", "grant <a_rw> to <gates>", "grant <a_rw> to public")),
    Attack("grant rights on its own tables on", ("grant select on freehold_canary to public", "grant usage on schema <a> to public", "grant all on schema <a> to <b_rw>")),
    Attack("rights by default for others", ("alter default privileges for role <a_owner> grant select on tables to public",
                                            "alter default privileges for role <b_owner> grant select on tables to <a_rw>")),
    Attack("rights on the database or on public", ("grant temporary, create on database <database> to <a_rw>", "grant create on schema public to <a_rw>",
                                                   "revoke connect on database <database> from public")),
    Attack("rights on a setting", ("grant set on parameter session_replication_role to current_user", "grant alter system on parameter work_mem to current_user")),
    Attack("rights on a language", ("grant usage on language c to current_user", "grant usage on language internal to current_user")),
    Attack("settings of the victim's role", ("alter role <b_rw> set search_path = <a>", "alter role <b_rw> set role = <a_rw>")),
    Attack("settings of all", ("alter database <database> set search_path = <a>", "alter role all set search_path = <a>", "alter system set work_mem = '1GB'")),
    Attack("triggers off", ("set local session_replication_role = replica", "select 'fh-' || current_setting('session_replication_role')"),
           "set_config('session_replication_role', 'replica', true) || 'fh-' || current_setting('session_replication_role')", mark="fh-replica"),
    Attack("settings that only a superuser has", ("set local log_statement = 'none'", "set local lo_compat_privileges = on", "set local temp_file_limit = -1",
                                                  "set local zero_damaged_pages = on", "select 'fh-' || setting from pg_settings where name = 'lo_compat_privileges'"),
           mark="fh-on"),
    Attack("a setting of its own role", ("alter role <a_rw> set work_mem = '123MB'",), known=_ANY, own=True, close=_SELF,
           undo=restore_login("alter role <a_rw> reset work_mem")),
    Attack("a password of its own", ("alter role <a_rw> password 'fh-taken'",), known=frozenset({"statement", "login"}), own=True,
           close=_SELF + "; freehold login rotate sets it back", proof=logs_in_as_attacker, undo=restore_login()),
    Attack("a password for the victim", ("alter role <b_rw> password 'fh-taken'",), proof=logs_in_as_victim),
    Attack("lift its own timeouts", ("set local statement_timeout = 0", "select 'fh-' || current_setting('statement_timeout')"),
           "set_config('statement_timeout', '0', true) || 'fh-' || current_setting('statement_timeout')",
           mark="fh-0", known=frozenset({"expression", "statement", "login"}), own=True,
           close="no setting of a session binds it; CONNECTION LIMIT and temp_file_limit do (freehold limit set)"),
)  # fmt: skip
"""A role may do to itself what PostgreSQL lets every role do; nothing more."""
