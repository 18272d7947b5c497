-- Which rows of a seal's range are not what was sealed. Rows are found again by their leaves; what is left over of both, side by
-- side, was altered. Of a seal that has rows from before purged the retention has deleted some: there nobody can tell who did.
create or replace function freehold._seal_compare(seal freehold.seal, next_epoch_id bigint, purged timestamptz)
    returns table (sequence bigint, row_id bigint, finding text)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := freehold._seal_source(seal.chain);
begin
    for sequence, row_id, finding in
        execute format(
        $q$with leaf as materialized (
            select i, substr($1, i * 32 + 1, 32) as leaf from generate_series(0, length($1) / 32 - 1) as i
        ), present as materialized (
            select s.xid, s.id, s.leaf, row_number() over (order by s.xid, s.id) as n
            from (%s) as s
            where s.id >= $2 and s.id < $3 and (s.xid, s.id) >= ($4, $5) and (s.xid, s.id) < ($6, $7)
        ), matched as materialized (
            select p.n, p.xid, p.id, l.i, max(l.i) over (order by p.n rows between unbounded preceding and 1 preceding) as before
            from present as p left join leaf as l on l.leaf = p.leaf
        ), stray as (
            select m.n, m.id, coalesce(m.before, -1) + row_number() over (partition by m.before order by m.n) as i
            from matched as m where m.i is null
        ), gone as (
            select l.i from leaf as l where not exists (select from matched as m where m.i = l.i)
        )
        select $8 + s.i, s.id, case when g.i is null then 'row inserted' else 'row altered' end
        from stray as s left join gone as g on g.i = s.i
        union all
        select $8 + g.i, null, 'row deleted'
        from gone as g
        where not exists (select from stray as s where s.i = g.i)
            and not $9
        union all
        select $8 + m.i, m.id, case m.i when m.before then 'row inserted' else 'row reordered' end from matched as m where m.i <= m.before
        order by 1, 2$q$, v_source)
    using substr(seal.leaves, 1), seal.epoch_id, next_epoch_id, seal.from_xid, seal.from_id, seal.to_xid, seal.to_id,
          seal.first_sequence, coalesce(seal.oldest_at < purged, false)
    loop
        return next;
    end loop;
end
$$;
