-- Whether a migration is to be done to a home: false where that was done already. Refuses one whose file was changed since it
-- was applied, and one that another session is at.
create or replace function freehold._ledger_check(home freehold.tenant, migration_id text, source_digest text, direction text)
    returns boolean
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_row record;
begin
    -- The length apart: a bound of a repetition is what a regular expression is slowest at.
    if migration_id is null or length(migration_id) > 191 or migration_id !~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' then
        raise exception '% is no name of a migration', coalesce(quote_literal(migration_id), 'null') using errcode = 'FH003';
    end if;
    -- What _ledger() would tell of it.
    select m.state, m.source_digest, m.backend_pid into v_row
    from freehold.tenant_migration as m
    where m.home_id = home.id and m.migration_id = _ledger_check.migration_id
    union all
    select 'applied', v.migration_digests[array_position(v.migrations, _ledger_check.migration_id)], null
    from freehold.template_version as v
    where v.template = home.template and v.version = home.base_version and _ledger_check.migration_id = any (v.migrations)
    limit 1;
    if v_row.state = 'applying' then
        if v_row.backend_pid <> pg_backend_pid() and exists (select from pg_stat_activity as a where a.pid = v_row.backend_pid) then
            raise exception 'migration "%" is being applied to "%"', migration_id, home.slug
                using errcode = 'FH401', detail = format('Session %s is at it.', v_row.backend_pid);
        end if;
        return true;
    end if;
    if direction = 'rollback' then
        return v_row.state = 'applied';
    end if;
    if v_row.state = 'applied' and v_row.source_digest <> _ledger_check.source_digest then
        raise exception 'migration "%" was changed after it had been applied', migration_id
            using errcode = 'FH212',
                  detail = format('"%s" ran the text with sha256 %s; this one has %s.', home.slug, left(v_row.source_digest, 12),
                                  left(_ledger_check.source_digest, 12)),
                  hint = 'Put the file back as it was, and make the change in a new migration.';
    end if;
    return v_row.state is distinct from 'applied';
end
$$;
