-- What is wrong with the rows of a chain. They are read once; of seals whose digest is another, each row is looked at.
create or replace function freehold._seal_rows(chain uuid)
    returns table (seal bigint, sequence bigint, row_id bigint, finding text)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
    set work_mem = '64MB'
as $$
declare
    v_source constant text := freehold._seal_source(chain);
    v_purged constant timestamptz := (
        select (to_jsonb(l) ->> 'purged_until')::timestamptz from freehold.audit_log as l where l.home_id = _seal_rows.chain);
    v_epoch record;
    v_wrong bigint;
    v_seal freehold.seal;
begin
    for v_epoch in
        select e.*, lead(e.first_id, 1, 9223372036854775807) over (order by e.epoch) as next_id
        from (
            select s.epoch, min(s.epoch_id) as first_id, array_agg(s.number order by s.from_xid, s.from_id, s.number) as numbers,
                   array_agg((s.from_xid, s.from_id)::freehold._seal_row order by s.from_xid, s.from_id, s.number) as froms,
                   array_agg(s.number order by s.from_xid) filter (where s.last_there) as xid_numbers,
                   array_agg(s.from_xid order by s.from_xid) filter (where s.last_there) as xids,
                   coalesce(array_agg(s.from_xid) filter (where s.from_id > 0), '{}') as cut
            from (select b.chain, b.epoch, b.epoch_id, b.number, b.rows, b.from_xid, b.from_id,
                         b.number = last_value(b.number) over (
                             partition by b.epoch, b.from_xid order by b.from_id, b.number
                             rows between unbounded preceding and unbounded following) as last_there
                  from freehold.seal as b
                  where b.chain = _seal_rows.chain and b.rows > 0) as s
            where s.chain = _seal_rows.chain and s.rows > 0
            group by s.epoch) as e
        order by e.epoch
    loop
        for v_wrong in
            execute format(
                $q$select e.number
                from freehold.seal as e
                left join (
                    select b.number, sha256(string_agg(b.leaf, ''::bytea order by b.xid, b.id)) as digest
                    from (
                        select s.xid, s.id, s.leaf,
                               -- By the transaction alone where that is enough: places compare slowly.
                               case when s.xid = any ($8) then ($2)[width_bucket((s.xid, s.id)::freehold._seal_row, $3)]
                                    else ($6)[width_bucket(s.xid, $7)] end as number
                        from (%s) as s
                        where s.id >= $4 and s.id < $5) as b
                    join freehold.seal as t on t.chain = $1 and t.number = b.number and (b.xid, b.id) < (t.to_xid, t.to_id)
                    group by b.number) as d on d.number = e.number
                where e.chain = $1 and e.number = any ($2) and d.digest is distinct from e.digest
                order by e.number$q$, v_source)
            using chain, v_epoch.numbers, v_epoch.froms, v_epoch.first_id, v_epoch.next_id, v_epoch.xid_numbers,
                  v_epoch.xids, v_epoch.cut
        loop
            select * into v_seal from freehold.seal as s where s.chain = _seal_rows.chain and s.number = v_wrong;
            return query
                select v_wrong, c.sequence, c.row_id, c.finding
                from freehold._seal_compare(v_seal, v_epoch.next_id, v_purged) as c;
        end loop;
    end loop;
end
$$;
