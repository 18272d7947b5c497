-- security definer: the table is the owner's. Touches: operation (read).
create or replace function freehold.operation_list(slug text default null, state text default null, max_rows integer default 100)
    returns setof freehold.operation
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    -- Apart, or one plan for both would read the log from its end until it has found enough of the slug's.
    select *
    from (
        (select *
         from freehold.operation as o
         where o.slug = operation_list.slug and (operation_list.state is null or o.state = operation_list.state)
         order by o.id desc
         limit operation_list.max_rows)
        union all
        (select *
         from freehold.operation as o
         where operation_list.slug is null and (operation_list.state is null or o.state = operation_list.state)
         order by o.id desc
         limit operation_list.max_rows)) as o
    order by o.id desc
    limit operation_list.max_rows
$$;

comment on function freehold.operation_list(text, text, integer) is
    'The newest operations first: of one slug, or in one state (running, done, failed), at most max_rows.';
