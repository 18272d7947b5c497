-- Rows of the control plane that name the tenant and are not declared to stay. A column that nobody declared is asked as well.
create or replace function freehold._residue_rows(tenant freehold.tenant) returns table (what text)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_column record;
    v_count bigint;
begin
    for v_column in
        select c.table_name, c.column_name, c.of_slug
        from freehold._erasure_column() as c
        left join freehold._erasure_table() as t on t.table_name = c.table_name and t.column_name = c.column_name
        where t.action is distinct from 'keep'
        order by c.table_name, c.column_name
    loop
        execute format('select count(*) from freehold.%I as r where r.%I = $1%s', v_column.table_name, v_column.column_name,
                       case when v_column.of_slug then '' else '::uuid' end)
            into v_count using case when v_column.of_slug then tenant.slug else tenant.id::text end;
        if v_count > 0 then
            what := format('%s rows of freehold.%I by %I', v_count, v_column.table_name, v_column.column_name);
            return next;
        end if;
    end loop;
end
$$;
