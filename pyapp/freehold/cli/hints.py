"""The way out of an error, said in commands.

The database's hints are SQL, to be pasted into psql. Here the calls in them become the commands that make
them; everything else of a hint stays as it is.
"""

from __future__ import annotations

import re
import shlex

import psycopg

# By function: the command, and what its arguments are to the command, in the function's order. A name with
# dashes is an option's; another one is said in the argument's stead where the hint leaves it open ('...').
COMMANDS: dict[str, tuple[str, ...]] = {
    "api_key_list": ("api-key list",),
    "api_key_rotate": ("api-key rotate", "ID"),
    "break_glass_approve": ("break-glass approve", "ID"),
    "break_glass_close": ("break-glass close", "ID", "--reason"),
    "break_glass_expire": ("break-glass expire",),
    "break_glass_list": ("break-glass list", "--slug"),
    "break_glass_open": ("break-glass open", "SLUG", "--reason", "--ticket"),
    "audit_anchor": ("audit anchor",),
    "audit_epoch": ("audit epoch", "--reason"),
    "audit_seal": ("audit seal", "HOME"),
    "audit_seal_step": ("audit seal", "HOME"),
    "audit_verify": ("audit verify", "HOME"),
    "eraser_list": ("eraser list",),
    "erasure_certificate": ("erasure certificate", "ID"),
    "erasure_list": ("erasure list", "SLUG"),
    "erasure_request": ("erasure request", "SLUG", "--reason"),
    "erasure_task_list": ("erasure tasks", "SLUG", "--eraser"),
    "audit_enable": ("audit enable", "HOME", "TABLE"),
    "audit_open": ("audit open", "SLUG"),
    "fleet_begin": ("fleet query", "SQL"),
    "audit_partition_make": ("audit ahead", "HOME"),
    "gate_grant": ("gate grant", "LOGIN", "--cell"),
    "gate_revoke": ("gate revoke", "LOGIN", "--cell"),
    "hold_list": ("hold list", "SLUG"),
    "hold_release": ("hold release", "SLUG", "--reason"),
    "hold_set": ("hold set", "SLUG", "--reason"),
    "limit_reset": ("limit reset", "SLUG", "NAME"),
    "limit_set": ("limit set", "SLUG", "NAME", "VALUE"),
    "mask_reset": ("mask reset", "HOME", "TABLE", "COLUMN"),
    "mask_set": ("mask set", "HOME", "TABLE", "COLUMN", "RULE", "OPTIONS"),
    "mask_suggest": ("mask suggest", "HOME"),
    "invitation_list": ("invitation list", "SLUG"),
    "member_activate": ("member activate", "SLUG", "USER"),
    "member_list": ("member list", "SLUG"),
    "member_set_role": ("member set-role", "SLUG", "USER", "ROLE"),
    "migration_mark": ("migration mark", "HOME", "ID"),
    "operation_get": ("operation show", "ID"),
    "operation_list": ("operation list", "--slug", "--state"),
    "operation_resume": ("operation resume", "ID"),
    "operation_step": ("operation resume", "ID"),
    "operation_undo": ("operation undo", "ID"),
    "operation_undo_step": ("operation undo", "ID"),
    "reader_create": ("reader create", "SLUG"),
    "reserve_fill": ("reserve fill", "--template", "--size"),
    "reserve_set": ("reserve set", "--template", "--size"),
    "reserve_fill_step": ("reserve fill", "--template", "--size"),
    "role_list": ("role list", "--slug"),
    "rollout_list": ("rollout list", "--template"),
    "rollout_retry": ("rollout retry", "ID"),
    "rollout_tenants": ("rollout tenants", "ID", "--state"),
    "task_list": ("task list",),
    "task_run": ("task run", "NAME"),
    "rollup_list": ("rollup list",),
    "setting_set": ("setting set", "NAME", "VALUE"),
    "setting_list": ("setting list",),
    "signup_get": ("signup get", "ID"),
    "signup_list": ("signup list",),
    "signup_undo": ("signup undo", "ID", "--reason"),
    "template_adopt_staged": ("template adopt", "NAME", "SCHEMA"),
    "template_adopt_step": ("template adopt", "NAME", "SCHEMA"),
    "template_apply": ("template apply", "NAME", "FILE"),
    "template_drop_staged": ("template drop", "NAME"),
    "template_drop_step": ("template drop", "NAME"),
    "template_freeze": ("template freeze", "NAME"),
    "template_seed_set": ("template seed", "NAME", "FILE"),
    "template_list": ("template list",),
    "tenant_clone_staged": ("tenant clone", "SOURCE", "TARGET"),
    "tenant_clone_step": ("tenant clone", "SOURCE", "TARGET"),
    "tenant_enter": ("psql", "SLUG"),
    "tenant_key_list": ("key list", "--tenant"),
    "tenant_erase": ("tenant erase", "SLUG", "--reason"),
    "tenant_erase_step": ("tenant erase", "SLUG", "--reason"),
    "tenant_get": ("tenant show", "SLUG"),
    "tenant_list": ("tenant list", "--state", "--template"),
    "tenant_provision_staged": ("tenant provision", "SLUG", "--template"),
    "tenant_provision_step": ("tenant provision", "SLUG", "--template"),
    "tenant_reinstate": ("tenant reinstate", "SLUG"),
    "tenant_resume": ("tenant resume", "SLUG"),
    "tenant_retire": ("tenant retire", "SLUG"),
    "tenant_slug": ("tenant slug", "EXTERNAL_ID"),
    "user_activate": ("user activate", "ID"),
    "user_erase": ("user erase", "ID", "--reason"),
    "user_list": ("user list", "--slug"),
    "tenant_suspend": ("tenant suspend", "SLUG"),
}

# What is said otherwise on a command line without being a call; patterns.
PHRASES = {
    r"PGOPTIONS='-c freehold\.role_prefix=\.\.\. -c freehold\.schema_prefix=\.\.\.'": (
        "freehold install --role-prefix NAME --schema-prefix NAME"
    ),
    r"PGOPTIONS='[^']*', or freehold": "freehold",
    r"PGOPTIONS, or of the options of freehold install": "the command",
    r"freehold\.role_prefix and freehold\.schema_prefix": "--role-prefix and --schema-prefix",
    r"with_data => false": "--no-data",
}

_CALL = re.compile(
    r"(?:select\s+[^;()]*?\s+from\s+|select\s+|call\s+)?freehold\.(?P<name>\w+)\((?P<arguments>(?:'(?:[^']|'')*'|[^()'])*)\);?"
)
_ARGUMENT = re.compile(r"\s*(?:(?P<name>\w+)\s*=>\s*)?(?P<value>'(?:[^']|'')*'|[^,]+?)\s*(?:,|$)")


def in_commands(hint: str) -> str:
    """A hint of the database's with commands for calls.

    Args:
        hint: As the server sent it.
    """
    for phrase, said in PHRASES.items():
        hint = re.sub(phrase, said, hint)
    return _CALL.sub(_command, hint)


def of(error: psycopg.Error) -> str:
    """What to do about an error, empty where nothing is known."""
    if error.diag.message_hint:
        return in_commands(error.diag.message_hint)
    message = str(error.diag.message_primary or "")
    if is_bad_dsn(error):
        return "A connection string is 'host=... dbname=... user=...' or postgresql://user@host/dbname."
    if error.sqlstate in ("3F000", "42883", "42P01") and "freehold" in message:
        return "freehold is not installed in this database, or an older version of it: freehold install"
    if error.sqlstate == "42704" and (found := re.fullmatch(r'role "(.*)" does not exist', message)):
        return f"Make it first: createuser {shlex.quote(found[1])}, or create role ... login."
    if error.sqlstate == "42501" and re.search(r"function break_glass_(open|claim)\b", message):
        return "The login needs membership in the group of those who may ask: grant freehold_break_glass to ..."
    if error.sqlstate == "42501" and re.search(r"function (fleet_\w+|rollup_get)\b", message):
        return "The login needs membership in the group of those who may: grant freehold_analyst to ..."
    if error.sqlstate == "42501" and "freehold" in message:
        return "The role needs membership in the installation's admin role: grant freehold_admin to ..."
    return ""


def is_bad_dsn(error: psycopg.Error) -> bool:
    """Whether libpq could not read the connection string: no server was asked."""
    return isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None


def _command(call: re.Match[str]) -> str:
    if call["name"] not in COMMANDS:
        return call[0]
    command, *parameters = COMMANDS[call["name"]]
    words = [f"freehold {command}"]
    for position, argument in enumerate(_ARGUMENT.finditer(call["arguments"])):
        value = argument["value"]
        if value.startswith("'"):
            value = value[1:-1].replace("''", "'")
        parameter = f"--{argument['name']}" if argument["name"] else parameters[position]
        if parameter.startswith("--"):
            words.append(parameter)
            words.append("..." if value == "..." else shlex.quote(value))
        else:
            words.append(parameter if value == "..." else shlex.quote(value))
    return " ".join(words)
