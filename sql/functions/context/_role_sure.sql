-- Refuses to go on as another role than the one of this id: a role is set by its name, which a rename may have given to another
-- tenant's. A procedure, as only CALL is not planned; to be called ahead of the tenant's path, as a plan is kept for one path.
create or replace procedure freehold._role_sure(role_id oid)
    language plpgsql security invoker
as $$
begin
    if (pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)) operator(pg_catalog.=) role_id) is not true then
        raise exception 'role "%" is another tenant''s by now', current_user
            using errcode = 'FH305', hint = 'Look the tenant up again.';
    end if;
end
$$;
