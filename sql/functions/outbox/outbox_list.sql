-- security definer: the table is the owner's. Touches: outbox (read).
create or replace function freehold.outbox_list(max_rows integer default 100) returns setof freehold.outbox
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select * from freehold.outbox as o where o.delivered_at is null order by o.id limit outbox_list.max_rows
$$;

comment on function freehold.outbox_list(integer) is
    'What is to be delivered, the oldest first, at most max_rows: tell each, then call outbox_delivered(). Whoever died in between '
    'tells it again.';
