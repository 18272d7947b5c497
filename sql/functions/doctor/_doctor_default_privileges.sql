create or replace function freehold._doctor_default_privileges()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', r.role_name::text, 'functions it makes are PUBLIC''s to execute',
           case r.kind when 'owner' then 'A function added to the control plane would be anybody''s to call.'
                       else 'A definer function of a later migration would be open to whoever may use the schema.' end,
           format('alter default privileges for role %I revoke execute on functions from public;', r.role_name)
    from freehold._fleet_role() as r
    -- What is being built gets them with its last statement.
    where r.kind in ('owner', 'home_owner') and r.state is distinct from 'provisioning'
        and not exists (
            select from pg_default_acl as d
            where d.defaclrole = r.id and d.defaclnamespace = 0 and d.defaclobjtype = 'f'
                and not exists (select from aclexplode(d.defaclacl) as a where a.grantee = 0))
$$;
