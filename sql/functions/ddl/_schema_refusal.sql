-- The path is changed under an open cursor for the reasons given in _schema_ddl.
create or replace function freehold._schema_refusal(ns oid)
returns table (kind text, identity text, reason text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set cursor_tuple_fraction = 1.0
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
    v_circle jsonb;
    c_refusal scroll cursor for
        select r.kind, r.identity, r.reason
        from freehold._ddl_refusal(ns) r
        order by r.kind collate "C", r.identity collate "C", r.reason collate "C";
begin
    select o.circle into v_circle from freehold._ddl_order(ns) o;
    if v_circle is not null then
        return query
            select 'circle', pg_describe_object((c.pair ->> 0)::oid, (c.pair ->> 1)::oid, 0), 'it is needed by what it needs'
            from jsonb_array_elements(v_circle) c (pair)
            order by 2;
    end if;
    c_refusal := null;
    open c_refusal;
    perform set_config('search_path', format('%s, pg_catalog, pg_temp', ns::regnamespace), true);
    loop
        fetch c_refusal into kind, identity, reason;
        exit when not found;
        return next;
    end loop;
    close c_refusal;
end
$$;

comment on function freehold._schema_refusal(oid) is
    'What of a schema cannot be carried to another one: object and reason. No row means that it can be copied.';
