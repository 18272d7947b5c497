"""The table that is measured, three times over, and a trigger for each row as supa_audit has it."""

from __future__ import annotations

from psycopg import sql

PLAIN, FREEHOLD, ROWS = "unaudited", "freehold", "row trigger"
SUBJECTS = {PLAIN: "sale_plain", FREEHOLD: "sale_audited", ROWS: "sale_rows"}

TABLE = """
create table {table} (
    id bigint generated always as identity primary key, customer bigint not null, product text not null,
    quantity integer not null, price numeric not null, state text not null, note text,
    at timestamptz not null default now()
);
create index on {table} (customer);
"""
ROW_TRIGGER = """
create schema row_audit;
create table row_audit.record_version (
    id bigserial primary key, record_id uuid, old_record_id uuid, op text not null,
    ts timestamptz not null default now(), table_oid oid not null,
    table_schema name not null, table_name name not null, record jsonb, old_record jsonb
);
create index on row_audit.record_version (record_id) where record_id is not null;
create index on row_audit.record_version (old_record_id) where old_record_id is not null;
create index on row_audit.record_version using brin (ts);
create index on row_audit.record_version (table_oid);
create function row_audit.record_id(relation oid, keys text[], record jsonb) returns uuid language sql stable as $$
    select case when record is null then gen_random_uuid()
                else md5((jsonb_build_array(to_jsonb(relation)) || jsonb_agg(record ->> k))::text)::uuid end
    from unnest(keys) as k
$$;
create function row_audit.insert_update_delete() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
declare
    v_keys constant text[] := array(
        select a.attname from pg_index as i
        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid = tg_relid and i.indisprimary);
    v_new constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_old constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
begin
    insert into row_audit.record_version
        (record_id, old_record_id, op, table_oid, table_schema, table_name, record, old_record)
    select case when v_new is not null then row_audit.record_id(tg_relid, v_keys, v_new) end,
           case when v_old is not null then row_audit.record_id(tg_relid, v_keys, v_old) end,
           tg_op, tg_relid, tg_table_schema, tg_table_name, v_new, v_old;
    return coalesce(new, old);
end
$$;
create trigger audit_i_u_d after insert or update or delete on tenant_acme.sale_rows
    for each row execute function row_audit.insert_update_delete();
"""
INSERT_ONE = """\\set customer random(1, 10000)
insert into tenant_acme.{table} (customer, product, quantity, price, state, note)
values (:customer, 'a product of some name', 3, 19.90, 'open', 'a note of some words');
"""
UPDATE_ONE = """\\set id random(1, {there})
update tenant_acme.{table} set state = case state when 'open' then 'paid' else 'open' end, quantity = quantity + 1
where id = :id;
"""
IN_TENANT = """begin \\; set local role tenant_acme_rw \\; set local search_path = tenant_acme, pg_catalog, pg_temp \\;
set local freehold.actor = 'alice' \\; {statement}commit;
"""
"""A tenant's transaction as a driver sends it: what sets it comes with the first statement."""
INSERT_MANY = """
insert into tenant_acme.{table} (customer, product, quantity, price, state, note)
select g % 10000, 'a product of some name', 3, 19.90 + g % 7, 'open', 'a note of some words'
from generate_series(1, {rows}) as g
"""
UPDATE_MANY = "update tenant_acme.{table} set state = 'paid', quantity = quantity + 1"


def template() -> str:
    """The script of the template: the tables, and the audit of one."""
    tables = "".join(TABLE.format(table=table) for table in SUBJECTS.values())
    return f"{tables} select freehold.audit_enable('{SUBJECTS[FREEHOLD]}');"


def statement(text: str, table: str, rows: int) -> sql.SQL:
    """A statement over many rows."""
    return sql.SQL(text.format(table=table, rows=rows))


def in_tenant(text: str) -> str:
    """The script of one row in a tenant's transaction."""
    variable, _, rest = text.partition("\n")
    return f"{variable}\n{IN_TENANT.format(statement=rest)}"
