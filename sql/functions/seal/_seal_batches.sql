-- Seals rows of a chain, from its last seal up to a transaction, in batches of 10,000, at most twice as many. A batch begins with a
-- transaction; only of one that wrote more than 10,000 rows there are several. Low and high bound the ids.
-- Touches: seal, and the chain's rows (read).
create or replace function freehold._seal_batches(last freehold.seal, to_xid xid8, low bigint, high bigint)
    returns freehold.seal
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
as $$
declare
    v_source constant text := freehold._seal_source(last.chain);
    v_batch freehold.seal := last;
    v_to_xid xid8;
    v_to_id bigint;
    v_rows integer;
    v_lowest_id bigint;
    v_highest_id bigint;
    v_oldest_at timestamptz;
    v_leaves bytea;
begin
    for v_to_xid, v_to_id, v_rows, v_lowest_id, v_highest_id, v_oldest_at, v_leaves in
        execute format(
            $q$select lead(b.xid, 1, $3) over w, lead(b.id, 1, 0::bigint) over w, b.rows, b.lowest_id, b.highest_id, b.oldest_at, b.leaves
            from (
                select (n.k - n.j) / 10000 as batch, n.j / 10000 as part, min(n.xid) as xid,
                       case when n.j / 10000 > 0 then min(n.id) else 0 end as id, count(*)::integer as rows, min(n.id) as lowest_id,
                       max(n.id) as highest_id, min(n.at) as oldest_at,
                       string_agg(n.leaf, ''::bytea order by n.xid, n.id) as leaves
                from (
                    select s.xid, s.id, s.leaf, s.at, row_number() over (order by s.xid, s.id) - 1 as k,
                           row_number() over (partition by s.xid order by s.id) - 1 as j
                    from (%s) as s
                    where s.id > $4 and s.id <= $5 and s.xid >= $1 and (s.xid, s.id) >= ($1, $2) and s.xid < $3) as n
                group by 1, 2) as b
            window w as (order by b.batch, b.part)
            order by b.batch, b.part$q$, v_source)
        using last.to_xid, last.to_id, to_xid, low, high
    loop
        -- It begins where the last one ended, whether there were rows at once or not.
        v_batch.from_xid := last.to_xid;
        v_batch.from_id := last.to_id;
        v_batch.to_xid := v_to_xid;
        v_batch.to_id := v_to_id;
        v_batch.rows := v_rows;
        v_batch.lowest_id := v_lowest_id;
        v_batch.highest_id := v_highest_id;
        v_batch.oldest_at := v_oldest_at;
        v_batch.leaves := v_leaves;
        last := freehold._seal_append(last, v_batch);
    end loop;
    return last;
end
$$;
