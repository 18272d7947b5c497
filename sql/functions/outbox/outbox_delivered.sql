-- security definer: the table is the owner's. Touches: outbox.
create or replace function freehold.outbox_delivered(ids bigint[]) returns bigint
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with delivered as (
        update freehold.outbox as o
        set delivered_at = freehold._now()
        where o.id = any (outbox_delivered.ids) and o.delivered_at is null
        returning o.id
    )
    select count(*) from delivered
$$;

comment on function freehold.outbox_delivered(bigint[]) is 'Says that these were delivered; returns how many of them had not been.';
