-- Makes the functions of schema freehold_audit that are no home's. Called at the end of every install by the installing role, for
-- the moment a member of both roles. The first executes its argument as the owner of the logs, for freehold's owner alone. The
-- second turns rows into JSON as a role that may do nothing: a tenant's cast may run in it.
create or replace function freehold._audit_function() returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_owner constant name := freehold._role('owner');
    v_audit constant name := freehold._role('audit_owner');
    v_nobody constant name := freehold._role('nobody');
begin
    execute format('grant usage on schema freehold_audit to %I', v_owner);
    execute format('comment on schema freehold_audit is %L', 'The logs of audited tables, and what writes them. Nobody else may use it.');
    execute format(
        'create or replace function freehold_audit.execute_statement(statement text) returns bigint
             language plpgsql security definer
             set search_path = pg_catalog, pg_temp
         as %1$L;
         revoke all on function freehold_audit.execute_statement(text) from public;
         alter function freehold_audit.execute_statement(text) owner to %2$I;
         grant execute on function freehold_audit.execute_statement(text) to %3$I;
         comment on function freehold_audit.execute_statement(text) is %4$L', '
-- security definer: only the owner of the logs makes and drops them. EXECUTE is freehold''s owner''s alone.
declare
    v_rows bigint;
begin
    execute statement;
    get diagnostics v_rows = row_count;
    return v_rows;
end
', v_audit, v_owner, format('Executes its argument as %s. Only %s may call it.', v_audit, v_owner));
    execute format(
        'create or replace function freehold_audit.stale(relation oid) returns jsonb
             language plpgsql security invoker
             set search_path = pg_catalog, pg_temp
         as %1$L;
         revoke all on function freehold_audit.stale(oid) from public;
         alter function freehold_audit.stale(oid) owner to %2$I;
         comment on function freehold_audit.stale(oid) is %3$L', '
begin
    raise exception ''the audit of table % names columns that it has no more'', relation::regclass
        using errcode = ''FH503'',
            hint = ''As its owner, in a migration: select freehold.audit_enable(...); as it was, with the new names.'';
end
', v_audit, 'Refuses to record a table whose key, left out or masked columns were renamed or dropped.');
    -- An update of many rows compares them as they are stored: taking JSON apart costs several times as much.
    execute format(
        'create or replace function freehold_audit.update_script(log text, relation oid, keys text[], exclude text[], stars jsonb)
             returns text
             language sql stable security invoker
             set search_path = pg_catalog, pg_temp
         as %1$L;
         revoke all on function freehold_audit.update_script(text, oid, text[], text[], jsonb) from public;
         alter function freehold_audit.update_script(text, oid, text[], text[], jsonb) owner to %2$I;
         comment on function freehold_audit.update_script(text, oid, text[], text[], jsonb) is %3$L', '
select format(
    ''insert into freehold_audit.%I
         (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
     select encode(substr(sha256($1 || int8send(r.i)), 1, 16), ''''hex'''')::uuid,
            statement_timestamp(), $2, ''''update'''', %s, %s, %s,
            $3, session_user, $4, inet_client_addr(), $5
     from (
         select o.i, %s, %s as moved
         from (select row_number() over () as i, %s from old_rows as t) as o
         full join (select row_number() over () as i, %s from new_rows as t) as n on n.i = o.i
         where not record_image_eq(row(%s), row(%s))
         offset 0) as r'',
    log,
    string_agg(format(''jsonb_build_object(%L, r.o%s)'', c.name, c.n), '' || '' order by c.n) filter (where c.keyed),
    string_agg(format(''case when r.s%1$s and not r.moved then ''''{}'''' else jsonb_build_object(%2$L, %3$s) end'',
                      c.n, c.name, case when c.masked then ''''''***''''::text'' else ''r.o'' || c.n end), '' || '' order by c.n),
    string_agg(format(''case when r.s%1$s and not r.moved then ''''{}'''' else jsonb_build_object(%2$L, %3$s) end'',
                      c.n, c.name, case when c.masked then ''''''***''''::text'' else ''r.n'' || c.n end), '' || '' order by c.n),
    string_agg(format(''o.c%1$s as o%1$s, n.c%1$s as n%1$s, ''
                      ''record_image_eq(row(o.c%1$s), row(n.c%1$s)) as s%1$s'', c.n), '', '' order by c.n),
    format(''not record_image_eq(row(%s), row(%s))'',
           string_agg(''o.c'' || c.n, '', '' order by c.n) filter (where c.keyed),
           string_agg(''n.c'' || c.n, '', '' order by c.n) filter (where c.keyed)),
    string_agg(format(''t.%I as c%s'', c.name, c.n), '', '' order by c.n),
    string_agg(format(''t.%I as c%s'', c.name, c.n), '', '' order by c.n),
    string_agg(''o.c'' || c.n, '', '' order by c.n), string_agg(''n.c'' || c.n, '', '' order by c.n))
from (
    select a.attname as name, a.attnum as n, a.attname = any (keys) as keyed, stars ? a.attname as masked
    from pg_catalog.pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attname <> all (exclude)) as c
', v_audit, 'The statement that records an update of many rows, for the columns of the table.');
    -- As a record a row costs less to pass than as whatever it is, as which earlier releases took it.
    drop function if exists freehold_audit.to_json(anyelement);
    execute format('grant create on schema freehold_audit to %I', v_nobody);
    execute format(
        'create or replace function freehold_audit.to_json(value record) returns jsonb
             language plpgsql stable security definer
             set search_path = pg_catalog, pg_temp
         as %1$L;
         revoke all on function freehold_audit.to_json(record) from public;
         alter function freehold_audit.to_json(record) owner to %2$I', '
-- security definer: a cast of a tenant''s may run in here, so it belongs to a role that may do nothing. Stable, as to_jsonb() is:
-- no snapshot is taken for it. The writers'' path is the same, yet it is pinned here as well: that takes back where the cast set it.
begin
    return to_jsonb(value);
end
', v_nobody);
    -- What its owner does not grant, a superuser does in its name.
    execute format('grant execute on function freehold_audit.to_json(record) to %I', v_audit);
    execute format('comment on function freehold_audit.to_json(record) is %L', format('A row as JSON, made as %s.', v_nobody));
    execute format('revoke create on schema freehold_audit from %I', v_nobody);
end
$$;
