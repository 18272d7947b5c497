-- Rows of a chain behind a place, of transactions from one up to another, in their order; a first export has those of earlier epochs
-- as well. What is sealed is found by the ids of its seal, and has the number that it was sealed with: none where it is not what
-- was sealed.
create or replace function freehold._export_rows(
    chain uuid, epoch integer, from_xid xid8, to_xid xid8, after_epoch integer, after_xid xid8, after_id bigint, max_rows integer
) returns table (row_epoch integer, xid xid8, id bigint, sequence bigint, entry_id uuid, at timestamptz, entry jsonb)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := freehold._seal_source(chain);
    v_sealed_xid xid8 := '0'::xid8;
    v_sealed_id bigint := 0;
    v_low_id bigint := -9223372036854775808;
    v_left integer := max_rows;
    v_seal record;
begin
    if v_source is null then
        return;
    end if;
    for v_seal in
        select s.number, s.epoch, s.epoch_id, s.from_xid, s.from_id, s.to_xid, s.to_id, s.first_sequence, s.rows, s.lowest_id, s.highest_id
        from freehold.seal as s
        where s.chain = _export_rows.chain
            and (s.epoch = _export_rows.epoch or _export_rows.from_xid = '0')
            and (s.epoch, s.to_xid, s.to_id) > (after_epoch, after_xid, after_id)
            and (s.epoch < _export_rows.epoch or s.to_xid > _export_rows.from_xid and s.from_xid < _export_rows.to_xid)
            and s.rows > 0
        order by s.number
    loop
        for row_epoch, xid, id, sequence, entry_id, at, entry in
            execute format(
            $q$with leaf as materialized (
                select i, substr(b.leaves, i * 32 + 1, 32) as leaf
                from (select substr(s.leaves, 1) as leaves from freehold.seal as s where s.chain = $1 and s.number = $2 offset 0) as b
                cross join lateral generate_series(0, length(b.leaves) / 32 - 1) as i
            )
            select $3, r.xid, r.id, $4 + l.i, r.entry_id, r.at, r.entry
            from (select *
                  from (%s) as s
                  where s.id between $5 and $6 and (s.xid, s.id) >= ($7, $8) and (s.xid, s.id) < ($9, $10)
                      and ($3, s.xid, s.id) > ($11, $12, $13) and ($3 < $14 or s.xid >= $15 and s.xid < $16)
                  order by s.xid, s.id
                  limit $17) as r
            left join leaf as l on l.leaf = r.leaf
            order by r.xid, r.id$q$, v_source)
        using chain, v_seal.number, v_seal.epoch, v_seal.first_sequence, v_seal.lowest_id, v_seal.highest_id,
              v_seal.from_xid, v_seal.from_id, v_seal.to_xid, v_seal.to_id, after_epoch, after_xid, after_id, epoch, from_xid, to_xid,
              v_left
        loop
            v_left := v_left - 1;
            return next;
        end loop;
        if v_left <= 0 then
            return;
        end if;
    end loop;

    select s.epoch, s.to_xid, s.to_id, greatest(s.epoch_id - 1, c.low_id) as low_id into v_seal
    from freehold._seal_last(chain) as s
    join freehold.seal_chain as c on c.chain = s.chain;
    if v_seal.epoch is not null then
        v_sealed_xid := v_seal.to_xid;
        v_sealed_id := v_seal.to_id;
        v_low_id := v_seal.low_id;
    end if;
    for row_epoch, xid, id, sequence, entry_id, at, entry in
        execute format(
        $q$select $1, s.xid, s.id, null::bigint, s.entry_id, s.at, s.entry
        from (%s) as s
        where s.id > $2 and s.xid >= greatest($3, $7) and s.xid < $8 and (s.xid, s.id) >= ($3, $4) and ($1, s.xid, s.id) > ($5, $6, $9)
        order by s.xid, s.id
        limit $10$q$, v_source)
    using epoch, v_low_id, v_sealed_xid, v_sealed_id, after_epoch, after_xid, from_xid, to_xid, after_id, v_left
    loop
        return next;
    end loop;
end
$$;
