-- security definer: the table is the owner's. Touches: keeper (read).
create or replace function freehold.keeper_get(
    out holder text, out leads boolean, out led_since timestamptz, out seen_at timestamptz, out expires_at timestamptz
)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select k.holder, coalesce(k.expires_at > freehold._now(), false), k.led_since, k.seen_at, k.expires_at from freehold.keeper as k
$$;

comment on function freehold.keeper_get() is 'Which keeper leads, since when, and when it was last seen; leads is false where none does.';
