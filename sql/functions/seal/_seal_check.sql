-- What is wrong with the seals of a chain, whatever its rows say. Heads are those of an anchor.
create or replace function freehold._seal_check(chain uuid, heads jsonb default null)
    returns table (seal bigint, sequence bigint, finding text, detail text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with walk as (
        select s.number, s.epoch, s.epoch_id, s.from_xid, s.from_id, s.first_sequence, s.rows, s.sealed_at, s.previous, s.hash,
               freehold._seal_hash(s) as right_hash, sha256(s.leaves) as right_digest, s.digest, length(s.leaves) as bytes,
               lag(s.number, 1, 0::bigint) over w as p_number, lag(s.epoch) over w as p_epoch, lag(s.to_xid) over w as p_xid,
               lag(s.to_id) over w as p_id, lag(s.first_sequence + s.rows, 1, 1::bigint) over w as p_sequence,
               lag(s.sealed_at) over w as p_at, lag(s.hash, 1, decode(repeat('00', 32), 'hex')) over w as p_hash,
               lag(s.last_id) over w as p_last_id
        from freehold.seal as s
        where s.chain = _seal_check.chain
        window w as (order by s.number)
    )
    select w.number, w.first_sequence, f.finding, f.detail
    from walk as w
    cross join lateral (values
        ('seal missing', w.number <> w.p_number + 1, format('Seal %s follows %s.', w.number, w.p_number)),
        ('seal altered', w.hash <> w.right_hash, 'Its hash is not that of its columns.'),
        ('leaves altered', w.digest <> w.right_digest or w.bytes <> w.rows * 32, 'Its leaves are not those it was made of.'),
        ('chain broken', w.previous <> w.p_hash, 'It was not made on top of the seal that is before it.'),
        ('numbers broken', w.first_sequence <> w.p_sequence, format('It begins with %s instead of %s.', w.first_sequence, w.p_sequence)),
        ('range broken',
         case when w.epoch = w.p_epoch then (w.from_xid, w.from_id) <> (w.p_xid, w.p_id)
              when w.p_number = 0 then (w.from_xid, w.from_id) <> ('0'::xid8, -9223372036854775807)
              else (w.from_xid, w.from_id) <> ('0'::xid8, 0::bigint) or w.epoch_id < w.p_last_id
                  or w.p_number > 0 and w.rows > 0 end,
         'It does not begin where the one before ended.'),
        ('epoch unknown',
         w.epoch < w.p_epoch or not exists (select from freehold.seal_epoch as e where e.number = w.epoch),
         format('Epoch %s was not begun by audit_epoch(), or was over.', w.epoch)),
        ('clock set back', w.sealed_at < w.p_at, 'It is older than the one before it.')) as f (finding, wrong, detail)
    where f.wrong
    union all
    select (h ->> 'number')::bigint, null, case when s.number is null then 'seal missing' else 'not as anchored' end,
           case when s.number is null then 'The anchor knows it.' else 'The anchor knows another hash of it.' end
    from jsonb_array_elements(heads) as h
    left join freehold.seal as s on s.chain = _seal_check.chain and s.number = (h ->> 'number')::bigint
    where (h ->> 'chain')::uuid = _seal_check.chain and encode(s.hash, 'hex') is distinct from h ->> 'hash'
    union all
    select null, null, 'chain restarted', format('It began %s times.', count(*))
    from freehold.event as e
    where e.kind = 'audit_chain.begun' and e.detail ->> 'chain' = _seal_check.chain::text
    having count(*) > 1
    union all
    select null, null, 'chain missing', 'It has begun, and has no seal.'
    from freehold.event as e
    where e.kind = 'audit_chain.begun' and e.detail ->> 'chain' = _seal_check.chain::text
        and not exists (select from freehold.seal as s where s.chain = _seal_check.chain)
    having count(*) > 0
$$;
