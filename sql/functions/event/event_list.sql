-- security definer: the table is the owner's. Touches: event (read).
create or replace function freehold.event_list(
    slug text default null, kind text default null, since timestamptz default null, before_id bigint default null,
    max_rows integer default 100
) returns setof freehold.event
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    -- Apart, or one plan for both would read the log from its end until it has found enough of the slug's.
    select *
    from (
        (select *
         from freehold.event as e
         where e.slug = event_list.slug
             and (event_list.kind is null or starts_with(e.kind, event_list.kind))
             and (event_list.since is null or e.at >= event_list.since)
             and e.id < coalesce(event_list.before_id, 9223372036854775807)
         order by e.id desc
         limit event_list.max_rows)
        union all
        (select *
         from freehold.event as e
         where event_list.slug is null
             and (event_list.kind is null or starts_with(e.kind, event_list.kind))
             and (event_list.since is null or e.at >= event_list.since)
             and e.id < coalesce(event_list.before_id, 9223372036854775807)
         order by e.id desc
         limit event_list.max_rows)) as e
    order by e.id desc
    limit event_list.max_rows
$$;

comment on function freehold.event_list(text, text, timestamptz, bigint, integer) is
    'The audit of the control plane, latest first: of one slug or template, of kinds that begin so (tenant_ or tenant_erase.done), from a '
    'time on, at most max_rows. before_id pages: the id of the last one had.';
