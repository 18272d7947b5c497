"""Attempts to reach the server's files, programs and processes."""

from __future__ import annotations

from freehold.isolation.attack import Attack, Model

_EVERYWHERE: frozenset[Model] = frozenset({"expression", "statement", "login"})
ATTACKS = (
    Attack("run a program", (
        "copy freehold_canary (body) from program 'echo fh-$((6*7))'", "copy (select 1) to program 'true'", "select body from freehold_canary",
    ), mark="fh-42"),
    Attack("read a file by copy", ("copy freehold_canary (body) from '/etc/passwd'", "select body from freehold_canary"), mark="root:"),
    Attack("write a file by copy", ("copy freehold_canary to '/tmp/fh-made'", "select 'fh-' || size from pg_stat_file('/tmp/fh-made')"), mark="fh-"),
    Attack("read a file", ("select 'fh-' || length(pg_read_file('PG_VERSION'))", "select 'fh-' || length(pg_read_binary_file('PG_VERSION'))"),
           "'fh-' || length(pg_read_file('PG_VERSION'))", mark="fh-"),
    Attack("list directories", ("select 'fh-' || count(*) from pg_ls_dir('.')", "select 'fh-' || count(*) from pg_ls_waldir()", "select 'fh-' || count(*) from pg_ls_logdir()",
                                "select 'fh-' || count(*) from pg_ls_tmpdir()"), "(select 'fh-' || count(*) from pg_ls_dir('.'))", mark="fh-"),
    Attack("import a file as a large object", ("select 'fh-' || lo_import('/etc/passwd')", "select 'fh-' || lo_export(1, '/tmp/fh-made')"), "'fh-' || lo_import('/etc/passwd')", mark="fh-"),
    Attack("load a library", ("load 'plpgsql_check'", "load '/tmp/fh.so'", "set local session_preload_libraries = 'fh'", "set local dynamic_library_path = '/tmp'",
                              "select 'fh-' || setting from pg_settings where name = 'dynamic_library_path'"), mark="fh-/tmp"),
    Attack("end or cancel the victim's session", ("select pg_terminate_backend(<b_pid>)", "select pg_cancel_backend(<b_pid>)"), "pg_terminate_backend(<b_pid>)"),
    Attack("end the operator's session", ("select 'fh-' || pg_terminate_backend(<operator_pid>)",), "'fh-' || pg_terminate_backend(<operator_pid>)", mark="fh-true"),
    Attack("reload or rotate", ("select 'fh-' || pg_reload_conf()", "select 'fh-' || pg_rotate_logfile()", "select 'fh-' || pg_promote()"), "'fh-' || pg_reload_conf()", mark="fh-"),
    Attack("switch or read the log", ("select 'fh-' || pg_switch_wal()", "select 'fh-' || pg_create_restore_point('fh')", "select 'fh-' || lsn from pg_create_physical_replication_slot('fh')",
                                      "select 'fh-' || lsn from pg_create_logical_replication_slot('fh', 'pgoutput')"), mark="fh-"),
    Attack("checkpoint", ("checkpoint",)),
    Attack("vacuum or analyze its tables", ("analyze <b>.freehold_canary", "commit", "vacuum <b>.freehold_canary", "reindex table <b>.freehold_canary", "cluster <b>.freehold_canary", "begin")),
    Attack("reset statistics", ("select 'fh-' || coalesce(pg_stat_reset()::text, '')", "select 'fh-' || coalesce(pg_stat_reset_shared('bgwriter')::text, '')"), "'fh-' || coalesce(pg_stat_reset()::text, '')", mark="fh-"),
    Attack("read the server's own settings", ("select 'fh-' || setting from pg_settings where name = 'hba_file'", "select 'fh-' || count(*) from pg_hba_file_rules",
                                             "select 'fh-' || count(*) from pg_file_settings", "select 'fh-' || count(*) from pg_shadow", "select 'fh-' || count(*) from pg_authid"),
           "(select 'fh-' || setting from pg_settings where name = 'hba_file')", mark="fh-"),
    Attack("write to the log by messages", ("select 'fh-' || pg_logical_emit_message(true, 'fh', 'made')",), "'fh-' || pg_logical_emit_message(true, 'fh', 'made')",
           mark="fh-", known=_EVERYWHERE, own=True, close="revoke execute on function pg_logical_emit_message from public; read by logical replication only"),
    Attack("two-phase commit", ("prepare transaction 'fh'", "rollback", "begin")),
    Attack("take over a snapshot", ("commit", "begin isolation level repeatable read", "set transaction snapshot '00000003-00000001-1'")),
)  # fmt: skip
"""None of it is a tenant's business."""
