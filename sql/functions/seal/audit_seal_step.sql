-- security definer: the tables are the owner's. Touches: seal, seal_chain, seal_epoch, event, audit_log and the logs (read).
create or replace function freehold.audit_seal_step(
    home text default null, start uuid default null, out next uuid, out seals bigint, out rows bigint
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_most constant integer := 200;
    v_rows constant integer := 100000;
    v_epoch constant integer := freehold._seal_epoch();
    -- A transaction that has a number already could be older than who wrote.
    v_young constant boolean := pg_current_xact_id_if_assigned() is null;
    v_chains uuid[];
    v_seen bigint[];
    v_by xid8;
    v_run record;
begin
    seals := 0;
    rows := 0;
    -- The counters are asked first, and of all: the number that this transaction gets then is above those of all who wrote.
    select array_agg(h.chain order by h.chain), array_agg(case when v_young then h.seen end order by h.chain),
           (array_agg(h.following) filter (where h.number = v_most))[1]
    into v_chains, v_seen, next
    from (select c as chain, freehold._seal_counter(c) as seen, row_number() over (order by c) as number,
                 lead(c) over (order by c) as following
          from freehold._seal_homes(home, start, v_most + 1) as c) as h
    where h.number <= v_most
        -- Else nobody has written since all of it was sealed.
        and (h.number = v_most or not exists (
            select from freehold.seal_chain as c where c.chain = h.chain and c.epoch = v_epoch and c.low_id = h.seen));
    if cardinality(v_chains) > 0 then
        v_by := pg_current_xact_id();
    end if;
    for v_index in 1 .. coalesce(cardinality(v_chains), 0) loop
        v_run := freehold._seal_run(v_chains[v_index], v_epoch, v_seen[v_index], v_by);
        seals := seals + v_run.seals;
        rows := rows + v_run.rows;
        if not v_run.finished or rows >= v_rows then
            next := case when v_run.finished then coalesce(v_chains[v_index + 1], next) else v_chains[v_index] end;
            exit;
        end if;
    end loop;
end
$$;

comment on function freehold.audit_seal_step(text, uuid) is
    'One transaction''s worth of audit_seal(), for clients that cannot CALL outside a transaction: what was sealed, and in next what to '
    'give as start in the next call; null when it is through. Raises FH504 in another cluster or database than the seals were made in.';
