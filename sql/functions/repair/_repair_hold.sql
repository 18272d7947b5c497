create or replace function freehold._repair_hold(
    steps freehold._repair_step[], reached freehold._repair_reached[], allow_data_loss boolean
) returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when why.reason is null then s.stage else 9 end, s.place, s.part, s.change, s.kind, s.identity, s.target, s.statement,
           s.root, s.loses, why.reason
    from unnest(steps) as s
    cross join lateral (
        select coalesce(
            s.reason,
            case when not allow_data_loss and s.loses then 'it loses data (allow_data_loss)'
                 when not allow_data_loss and exists (select from unnest(steps) as o where o.root = s.root and o.loses)
                    then 'what comes before it loses data (allow_data_loss)' end,
            (select 'it is used by ' || string_agg(distinct b.blocker, ', ')
             from unnest(reached) as b
             where b.root = s.root and b.blocker is not null
               -- which may be about to go itself
               and not exists (
                   select from unnest(steps) as o
                   where o.reason is null and (allow_data_loss or not o.loses)
                     and o.root in ('column ' || b.blocker, 'relation ' || b.blocker,
                                    'relation ' || freehold._repair_name(b.blocker, 1))))) as reason
    ) as why
$$;

comment on function freehold._repair_hold(freehold._repair_step[], freehold._repair_reached[], boolean) is
    'The same statements, those with a reason that are left to somebody: what cannot be dropped, and what may not be.';
