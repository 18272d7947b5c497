-- Puts roles into the tenants' group, which holds CONNECT and what shared things a DBA grants it. It comes last: from 16 on a
-- GRANT locks the role that it grants until the transaction ends, so that everybody else who builds would wait for this one.
create or replace function freehold._group_join(cell integer, variadic roles name[]) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_group constant name := freehold._role('tenant');
    v_outside text;
begin
    select string_agg(quote_ident(r.role), ', ') into v_outside
    from unnest(roles) as r (role)
    -- A subquery for each: an anti-join would hash all members of the group, two of every tenant.
    where (select count(*) from pg_auth_members as m
           where m.roleid = to_regrole(quote_ident(v_group)) and m.member = to_regrole(quote_ident(r.role))) = 0;
    if v_outside is not null then
        perform freehold._cell_run(cell, format('grant %I to %s%s', v_group, v_outside, freehold._membership(true, false)));
    end if;
end
$$;
