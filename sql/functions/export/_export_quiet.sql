-- Whether a chain has nothing from a transaction on: all that it has was sealed before.
create or replace function freehold._export_quiet(chain uuid, from_xid xid8) returns boolean
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from freehold.seal_chain as c
        where c.chain = _export_quiet.chain and c.low_id = freehold._seal_counter(c.chain)
            and coalesce((freehold._seal_last(c.chain)).to_xid <= _export_quiet.from_xid, c.low_id = 0))
$$;
