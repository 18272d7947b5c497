-- security definer: the table is the owner's. Touches: operation (read).
drop function if exists freehold.operation_list(text, text, integer);

create or replace function freehold.operation_list(
    slug text default null, state text default null, max_rows integer default 100, before bigint default null
) returns setof freehold.operation
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._word_check('state', operation_list.state, 'freehold.operation');
    -- Apart, or one plan for both would read the log from its end until it has found enough of the slug's.
    select *
    from (
        (select *
         from freehold.operation as o
         where o.slug = operation_list.slug and (operation_list.state is null or o.state = operation_list.state)
             and o.id < coalesce(operation_list.before, 9223372036854775807)
         order by o.id desc
         limit operation_list.max_rows)
        union all
        (select *
         from freehold.operation as o
         where operation_list.slug is null and (operation_list.state is null or o.state = operation_list.state)
             and o.id < coalesce(operation_list.before, 9223372036854775807)
         order by o.id desc
         limit operation_list.max_rows)) as o
    order by o.id desc
    limit operation_list.max_rows
$$;

comment on function freehold.operation_list(text, text, integer, bigint) is
    'The newest operations first: of one slug, or in one state (running, done, failed, undone), at most max_rows; page on with before => '
    'the last id seen. Raises FH003 for another state.';
