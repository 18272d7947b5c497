-- Who may call what, said once: freehold._grant_declared(), applied here to every function and table of the schema.
do $grant$
declare
    v_object record;
begin
    for v_object in
        select p.oid::regprocedure::text as name, case p.prokind when 'p' then 'procedure' else 'function' end as kind
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'freehold'::regnamespace and p.proowner = current_user::regrole
    loop
        execute format('revoke all on %s %s from public', v_object.kind, v_object.name);
    end loop;
    for v_object in
        select g.role_name, g.object_kind, g.object, g.privilege from freehold._grant_actual() as g
        except
        select g.role_name, g.object_kind, g.object, g.privilege from freehold._grant_declared() as g
    loop
        execute format('revoke %s on %s %s from %I', v_object.privilege, v_object.object_kind, v_object.object, v_object.role_name);
    end loop;
    for v_object in
        select g.role_name, g.object_kind, g.object, g.privilege from freehold._grant_declared() as g
    loop
        execute format('grant %s on %s %s to %I', v_object.privilege, v_object.object_kind, v_object.object, v_object.role_name);
    end loop;
end
$grant$;
