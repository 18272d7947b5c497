-- security definer: only the owner of the logs changes them. Touches: audit_log, operation (one row each), the home's log (locked
-- against everybody).
create or replace function freehold.audit_partition_set(home text, width interval default null) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
    v_started constant timestamptz := freehold._now();
    v_months constant integer := case when isfinite(width) then extract(year from width) * 12 + extract(month from width) end;
    v_days constant integer := case when isfinite(width) then extract(day from width) end;
    v_log freehold.audit_log;
begin
    -- Compared as text: as intervals a month is thirty days.
    if width is not null and (width::text in (make_interval(months => v_months)::text, make_interval(days => v_days)::text)
                              and v_months between 0 and 120 and v_days between 0 and 3660 and v_months + v_days > 0) is not true
    then
        raise exception 'a partition holds whole days, or whole months'
            using errcode = 'FH003', detail = format('%s is neither, or more than ten years.', width);
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a log is not taken apart in a snapshot'
            using errcode = 'FH202', detail = 'What others have written since would be lost.',
                  hint = 'begin isolation level read committed;';
    end if;
    select * into v_log from freehold.audit_log as l where l.home_id = v_home.id for update;
    if not found then
        raise exception '"%" is not audited', home
            using errcode = 'FH202', hint = format('select freehold.audit_enable(%L, ''...'');', home);
    end if;
    if width is null and v_log.partition_width is not null then
        perform freehold._audit_merge(v_home.id);
    elsif width is not null and v_log.partition_width is null then
        perform freehold._audit_split(v_home.id, width);
    else
        update freehold.audit_log as l set partition_width = width where l.home_id = v_home.id;
    end if;
    if width is not null then
        select * into v_log from freehold.audit_log as l where l.home_id = v_home.id;
        perform freehold._audit_ahead(v_log, 100);
    end if;
    perform freehold._operation_done('audit_partition', v_home.id, v_home.slug, v_started, jsonb_build_object('width', width));
end
$$;

comment on function freehold.audit_partition_set(text, interval) is
    'Parts the log of a tenant''s audit, or a template''s, by time: into partitions of so many days or months each, that audit_purge() '
    'drops as a whole; null: it is one table again. What was recorded before stays in one partition, and is read for that; to make one '
    'table again all is copied. Writers wait meanwhile. Another width is that of the partitions to come. Raises FH003 for a width that '
    'is neither days nor months, FH101 and FH102 for an unknown home, FH202 for one that is not audited and in a transaction that is '
    'not read committed, FH402 for more partitions than one transaction may drop.';
