create or replace function freehold._repair_plan(tenant freehold.tenant, allow_data_loss boolean)
    returns setof freehold._repair_step
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_ns constant oid := quote_ident(tenant.schema_name)::regnamespace;
    v_rows constant freehold._repair_row[] := array(select r from freehold._repair_rows(tenant) as r);
    v_steps freehold._repair_step[];
    v_reached freehold._repair_reached[];
    v_gone freehold._repair_reached[];
begin
    v_steps := array(
        select s
        from unnest(v_rows) as r
        left join freehold._repair_parents(tenant.schema_name, v_rows) as p on p.partition = r.identity and r.kind = 'table'
        cross join lateral freehold._repair_steps(v_ns, r, p.parent) as s
        where r.expected is distinct from r.actual);
    v_reached := array(
        select b
        from freehold._repair_reach(v_ns, array(select distinct s.root from unnest(v_steps) as s where s.root is not null)) as b);
    v_steps := array(select s from freehold._repair_hold(v_steps, v_reached, allow_data_loss) as s);
    v_gone := array(
        select b from unnest(v_reached) as b
        where b.root not in (select s.root from unnest(v_steps) as s where s.stage = 9 and s.root is not null));
    v_steps := array(select s from freehold._repair_prune(v_rows, v_steps, v_reached) as s);
    v_steps := v_steps || array(select s from freehold._repair_dependents(v_ns, v_rows, v_steps, v_gone) as s);
    return query
        select s.* from freehold._repair_attach(v_rows, v_steps) as s
        union
        select s.* from freehold._repair_defaults(
            v_rows, array(select distinct b.target from unnest(v_gone) as b where b.target like 'default %')) as s
        union
        select s.* from freehold._repair_privileges(v_rows, v_steps) as s;
end
$$;

comment on function freehold._repair_plan(freehold.tenant, boolean) is
    'All statements of a repair, in normal form: those of what differs, and those of what depends on it.';
