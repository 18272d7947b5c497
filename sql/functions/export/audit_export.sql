-- security definer: the tables are the owner's. Touches: event, audit_log and the logs, seal, seal_chain, seal_epoch (read).
create or replace function freehold.audit_export(after text default null, max_rows integer default 1000, home text default null)
    returns table (
        cursor text, more boolean, home_name text, chain uuid, sequence bigint, entry_id uuid, at timestamptz, entry jsonb
    )
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
as $$
declare
    -- Rows are tenants' data, which who reads the control plane does not see.
    v_images constant boolean := pg_has_role(freehold._role_acting(), freehold._role('admin'), 'usage')
        or pg_has_role(freehold._role_acting(), freehold._role('owner'), 'usage');
    v_first constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
    v_most constant integer := 200;
    v_epoch constant integer := coalesce((select max(e.number) from freehold.seal_epoch as e), 1);
    v_part constant text[] := regexp_match(
        after, '^(\d{1,9}):(\d{1,19}):(\d{1,19}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9}):(\d{1,20}):(-?\d{1,18})$');
    v_from xid8 := coalesce(v_part[2], '0')::xid8;
    v_to xid8 := coalesce(v_part[3], '0')::xid8;
    v_start uuid := coalesce(v_part[4]::uuid, v_first);
    v_after_epoch integer := coalesce(v_part[5], '0')::integer;
    v_after_xid xid8 := coalesce(v_part[6], '0')::xid8;
    v_after_id bigint := coalesce(v_part[7], '0')::bigint;
    v_left integer := max_rows;
    v_homes integer := 0;
    v_chain record;
    v_row record;
begin
    if after is not null and v_part is null then
        raise exception 'this is no cursor of audit_export()' using errcode = 'FH003';
    end if;
    if max_rows is null or max_rows not between 1 and 100000 then
        raise exception 'max_rows is between 1 and 100000' using errcode = 'FH003';
    end if;
    if v_part[1]::integer <> v_epoch
        or (select e.place from freehold.seal_epoch as e where e.number = v_epoch) <> freehold._seal_place()
    then
        raise exception 'the cursor is from another cluster or database'
            using errcode = 'FH504', detail = format('It is of epoch %s, in force is %s.', coalesce(v_part[1], '?'), v_epoch),
                  hint = 'Where it goes on here: select freehold.audit_epoch(''...''); then seal, and begin without a cursor: '
                         'who has an entry knows it by its id.';
    end if;
    -- A lap begins: through all chains, with what was done when it began.
    if v_from = v_to and v_start = v_first and v_after_epoch = 0 then
        v_to := pg_snapshot_xmin(pg_current_snapshot());
    end if;
    for v_chain in
        select c.id, case when c.id = v_first then '@' else coalesce(t.slug, '@' || m.name) end as name
        from freehold._seal_homes(home, case when home is null then v_start end, v_most + 1) with ordinality as c (id, n)
        left join freehold.tenant as t on t.id = c.id
        left join freehold.template as m on m.id = c.id
        order by c.n
    loop
        if v_homes = v_most then
            return query select concat_ws(':', v_epoch, v_from, v_to, v_chain.id, 0, 0, 0), true, null::text, null::uuid, null::bigint,
                                null::uuid, null::timestamptz, null::jsonb;
            return;
        end if;
        v_homes := v_homes + 1;
        if v_chain.id <> v_start then
            v_after_epoch := 0;
            v_after_xid := '0';
            v_after_id := 0;
        end if;
        continue when v_from > '0' and v_after_epoch = 0 and freehold._export_quiet(v_chain.id, v_from);
        if v_from = '0' and v_epoch > 1 and not exists (
            select from freehold.seal_chain as c where c.chain = v_chain.id and c.epoch = v_epoch)
        then
            raise exception 'nothing of "%" was sealed in this epoch', v_chain.name
                using errcode = 'FH504', hint = 'Seal first: call freehold.audit_seal();';
        end if;
        for v_row in
            select * from freehold._export_rows(
                v_chain.id, v_epoch, v_from, v_to, v_after_epoch, v_after_xid, v_after_id, v_left)
        loop
            cursor := concat_ws(':', v_epoch, v_from, v_to, v_chain.id, v_row.row_epoch, v_row.xid, v_row.id);
            home_name := v_chain.name;
            chain := v_chain.id;
            sequence := v_row.sequence;
            entry_id := v_row.entry_id;
            at := v_row.at;
            entry := v_row.entry;
            if not v_images and v_chain.id <> v_first then
                entry := entry || '{"key": null, "old": null, "new": null}';
            end if;
            v_left := v_left - 1;
            return next;
        end loop;
        if v_left = 0 then
            return;
        end if;
    end loop;
    return query select concat_ws(':', v_epoch, v_to, v_to, v_first, 0, 0, 0), false, null::text, null::uuid, null::bigint, null::uuid,
                        null::timestamptz, null::jsonb;
end
$$;

comment on function freehold.audit_export(text, integer, text) is
    'Entries of the audit, events and rows, behind a cursor; of one home (as for audit_seal()), or of all. Every row has the cursor by '
    'which the next call goes on behind it. Only what can have nothing before it any more is handed out, so that nothing is lost however '
    'transactions end, in the order of transactions and ids in each chain. sequence is the number that an entry was sealed with; entry_id '
    'tells the receiver what it has already. Keys and images of rows are for administrators: others are told who changed which table, '
    'when and how. A page that is not full ends with a row that has only a cursor: more says whether there are '
    'homes that were not looked at yet, or all of it was handed out that was there when its first page was asked for: who goes on from a '
    'kept cursor asks until more is false for the second time. Raises FH003 for what is no cursor or a bad max_rows, FH101 and '
    'FH102 for an unknown home, FH504 for a cursor from before audit_epoch().';
