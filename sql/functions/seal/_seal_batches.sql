-- Seals rows of a chain, from its last seal up to a transaction, in batches of 10,000, at most twice as many. A batch begins with a
-- transaction; only of one that wrote more than 10,000 rows there are several. Low and high bound the ids.
-- Touches: seal, and the chain's rows (read).
create or replace function freehold._seal_batches(source text, last freehold.seal, to_xid xid8, low bigint, high bigint)
    returns freehold.seal
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch record;
    v_next freehold.seal := last;
begin
    for v_batch in
        execute format(
            $q$select b.from_xid, b.from_id, b.rows, b.lowest_id, b.highest_id, b.leaves,
                      lead(b.from_xid, 1, $3) over w as to_xid, lead(b.from_id, 1, 0) over w as to_id
            from (
                select (n.k - n.j) / 10000 as batch, n.j / 10000 as part, min(n.xid) as from_xid,
                       case when n.j / 10000 > 0 then min(n.id) else 0 end as from_id, count(*)::integer as rows,
                       min(n.id) as lowest_id, max(n.id) as highest_id,
                       string_agg(n.leaf, ''::bytea order by n.xid, n.id) as leaves
                from (
                    select s.xid, s.id, s.leaf, row_number() over (order by s.xid, s.id) - 1 as k,
                           row_number() over (partition by s.xid order by s.id) - 1 as j
                    from (%s) as s
                    where s.id > $4 and s.id <= $5 and s.xid >= $1 and (s.xid, s.id) >= ($1, $2) and s.xid < $3) as n
                group by 1, 2) as b
            window w as (order by b.batch, b.part)
            order by b.batch, b.part$q$, source)
        using last.to_xid, last.to_id, to_xid, low, high
    loop
        v_next.from_xid := last.to_xid;
        v_next.from_id := last.to_id;
        v_next.to_xid := v_batch.to_xid;
        v_next.to_id := v_batch.to_id;
        v_next.rows := v_batch.rows;
        v_next.lowest_id := v_batch.lowest_id;
        v_next.highest_id := v_batch.highest_id;
        v_next.leaves := v_batch.leaves;
        last := freehold._seal_append(last, v_next);
    end loop;
    return last;
end
$$;
