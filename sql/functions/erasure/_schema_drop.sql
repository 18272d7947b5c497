-- Drops a schema with what is in it and its roles with what they own or were granted, by the cell that made them.
create or replace function freehold._schema_drop(cell integer, schema_name name, roles name[]) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_list text;
begin
    select string_agg(quote_ident(r.rolname), ', ' order by r.rolname) into v_list
    from pg_roles as r where r.rolname = any (roles);
    if v_list is null then
        return;
    end if;
    perform freehold._cell_run(cell, format('grant %s to %I%s', v_list, v_cell, freehold._membership(true, true)));
    if to_regnamespace(quote_ident(schema_name)) is not null then
        perform freehold._cell_run(cell, format('drop schema %I cascade', schema_name));
    end if;
    perform freehold._cell_run(cell, format('drop owned by %s', v_list));
    perform freehold._cell_run(cell, format('drop role %s', v_list));
end
$$;
