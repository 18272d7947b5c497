-- security definer: the table is the owner's. Touches: operation (read).
create or replace function freehold.operation_list(slug text default null, state text default null, max_rows integer default 100)
    returns setof freehold.operation
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select *
    from freehold.operation as o
    where (operation_list.slug is null or o.slug = operation_list.slug)
        and (operation_list.state is null or o.state = operation_list.state)
    order by o.id desc
    limit operation_list.max_rows
$$;

comment on function freehold.operation_list(text, text, integer) is
    'The newest operations first: of one slug, or in one state (running, done, failed), at most max_rows.';
