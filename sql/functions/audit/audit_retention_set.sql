-- security definer: the table is the owner's. Touches: audit_log, operation (one row each).
create or replace function freehold.audit_retention_set(home text, retention interval default null) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
    v_started constant timestamptz := freehold._now();
begin
    if retention <= interval '0' then
        raise exception 'a retention is longer than nothing' using errcode = 'FH003';
    end if;
    update freehold.audit_log as l set retention = audit_retention_set.retention where l.home_id = v_home.id;
    if not found then
        raise exception '"%" is not audited', home
            using errcode = 'FH202', hint = format('select freehold.audit_enable(%L, ''...'');', home);
    end if;
    perform freehold._operation_done('audit_retention', v_home.id, v_home.slug, v_started, jsonb_build_object('retention', retention));
end
$$;

comment on function freehold.audit_retention_set(text, interval) is
    'How long entries of a tenant''s audit are kept, or a template''s; null: for as long as it is there. audit_purge() deletes what is '
    'older. Raises FH003 for a retention that is none, FH101 and FH102 for an unknown home, FH202 for one that is not audited.';
