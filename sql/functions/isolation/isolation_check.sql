-- security definer: the registry is the owner's. Touches: all tables of the control plane and the catalogs (read).
-- A check is a function whose name begins with _isolation_of_. One that cannot be made proves nothing, and says so.
create or replace function freehold.isolation_check()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    set jit = off
as $$
declare
    v_check record;
begin
    for v_check in
        select p.proname
        from pg_proc as p
        where p.pronamespace = 'freehold'::regnamespace and p.proowner = current_user::regrole and p.proname ~ '^_isolation_of_'
        order by p.proname
    loop
        begin
            return query execute format('select c.* from freehold.%I() as c order by c.verdict, c.object_kind, c.object, c.role_name',
                                        v_check.proname);
        exception
            when others then
                verdict := 'unproven';
                tenant_slug := null;
                role_name := null;
                object_kind := 'check';
                object := replace(regexp_replace(v_check.proname, '^_isolation_of_', ''), '_', ' ');
                privilege := null;
                reached_by := format('the check could not be made: %s (%s)', sqlerrm, sqlstate);
                remedy := null;
                return next;
        end;
    end loop;
end
$$;

comment on function freehold.isolation_check() is
    'What tenants reach outside their own schemas, asked of the catalogs whatever was declared; it reads only. A row is a finding: '
    'verdict breach (a tenant''s role reaches, or could come to reach, what is not its own), unproven (there is no proof: a check '
    'that could not be made, a tenant whose own rights are not there, no tenant at all), visible (what PostgreSQL leaves to every '
    'role, and freehold harden or a REVOKE would take), note (shared on purpose, as it seems). Neither breach nor unproven: '
    'isolated. role_name is public for PUBLIC, tenant_slug null where it is all tenants or none; remedy is the SQL, '
    'or the command, that mends it.';
