-- Takes the owner's role back from logins whose session ended in the middle of a migration, or whose rollout was aborted. The
-- ledger still says applying.
-- Touches: tenant_migration, tenant, template (read).
create or replace function freehold._session_over(rollout_id bigint default null) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_each record;
    v_home freehold.tenant;
    v_template freehold.template;
begin
    for v_each in
        select m.home_id, m.migration_id, m.login
        from freehold.tenant_migration as m
        where m.login is not null
            and (m.rollout_id = _session_over.rollout_id
                 or not exists (select from pg_stat_activity as a where a.pid = m.backend_pid and a.usename = m.login))
        for update skip locked
    loop
        select * into v_home from freehold.tenant as t where t.id = v_each.home_id and t.state <> 'erased';
        if not found then
            select * into v_template from freehold.template as t where t.id = v_each.home_id;
            v_home := case when found then freehold._template_home(v_template) end;
        end if;
        if v_home.id is not null and to_regrole(quote_ident(v_each.login)) is not null then
            perform freehold._session_home(v_home, v_each.login, false);
        end if;
        update freehold.tenant_migration as m set login = null
        where m.home_id = v_each.home_id and m.migration_id = v_each.migration_id;
    end loop;
end
$$;
