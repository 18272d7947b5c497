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
    execute format('grant create on schema freehold_audit to %I', v_nobody);
    execute format(
        'create or replace function freehold_audit.to_json(value anyelement) returns jsonb
             language plpgsql security definer
             set search_path = pg_catalog, pg_temp
         as %1$L;
         revoke all on function freehold_audit.to_json(anyelement) from public;
         alter function freehold_audit.to_json(anyelement) owner to %2$I', '
-- security definer: a cast of a tenant''s may run in here, so it belongs to a role that may do nothing.
begin
    return to_jsonb(value);
end
', v_nobody);
    -- What its owner does not grant, a superuser does in its name.
    execute format('grant execute on function freehold_audit.to_json(anyelement) to %I', v_audit);
    execute format('comment on function freehold_audit.to_json(anyelement) is %L', format('A row as JSON, made as %s.', v_nobody));
    execute format('revoke create on schema freehold_audit from %I', v_nobody);
end
$$;
