-- Undoes sql/harden.sql: psql -X -1 -v ON_ERROR_STOP=1 -f sql/unharden.sql
-- Access lists become what they were, to the byte, where nobody has changed them in between; where somebody has, PUBLIC gets
-- its right back and the rest stays.
do $unharden$
declare
    v_trusted name;
    v_item record;
    v_default "char";
    v_owner oid;
    v_id oid;
    v_acl aclitem[];
    v_was aclitem[];
begin
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    if not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        raise exception 'role "%" is no superuser', current_user using errcode = 'FH303', detail = 'Nothing was changed.';
    end if;
    if to_regnamespace('freehold_harden') is null then
        raise notice 'there is nothing to undo';
        return;
    end if;
    if not (select r.rolsuper from pg_namespace as n join pg_roles as r on r.oid = n.nspowner where n.nspname = 'freehold_harden') then
        raise exception 'schema freehold_harden is no superuser''s'
            using errcode = 'FH209', detail = 'What stands in it would be run as one.';
    end if;
    v_trusted := (select p.object from freehold_harden.privilege as p where p.kind = 'role');
    drop event trigger if exists freehold_harden;
    drop function if exists freehold_harden.schema_made();

    for v_item in
        select p.kind, p.object, p.acl, case p.kind when 'function' then 'execute' else 'usage' end as privilege
        from freehold_harden.privilege as p
        where p.kind <> 'role'
        order by p.kind, p.object
    loop
        v_id := case v_item.kind when 'function' then to_regprocedure(v_item.object)
                                 else (select l.oid from pg_language as l where quote_ident(l.lanname) = v_item.object) end;
        if v_id is null then
            raise warning '% % is no more', v_item.kind, v_item.object;
            continue;
        end if;
        execute format('grant %s on %s %s to public; revoke %1$s on %2$s %3$s from %I',
                       v_item.privilege, v_item.kind, v_item.object, v_trusted);
        select p.proowner, p.proacl, 'f'::"char" into v_owner, v_acl, v_default from pg_proc as p
        where v_item.kind = 'function' and p.oid = v_id
        union all
        select l.lanowner, l.lanacl, 'l' from pg_language as l where v_item.kind = 'language' and l.oid = v_id;
        begin
            v_was := v_item.acl::aclitem[];
        exception
            when undefined_object then
                raise warning '% % was granted to a role that is no more', v_item.kind, v_item.object;
                continue;
        end;
        -- GRANT and REVOKE cannot make a list null again, nor put it in its old order.
        if not exists (
            (select * from aclexplode(coalesce(v_acl, acldefault(v_default, v_owner)))
             except select * from aclexplode(coalesce(v_was, acldefault(v_default, v_owner))))
            union all
            (select * from aclexplode(coalesce(v_was, acldefault(v_default, v_owner)))
             except select * from aclexplode(coalesce(v_acl, acldefault(v_default, v_owner)))))
        then
            update pg_proc as p set proacl = v_was where v_item.kind = 'function' and p.oid = v_id;
            update pg_language as l set lanacl = v_was where v_item.kind = 'language' and l.oid = v_id;
        else
            raise warning '% % was granted to others in between', v_item.kind, v_item.object using detail = 'Their rights stay.';
        end if;
    end loop;

    drop table freehold_harden.privilege;
    drop schema freehold_harden;
    begin
        execute format('drop role %I', v_trusted);
    exception
        when dependent_objects_still_exist then
            raise warning 'role "%" is kept', v_trusted using detail = 'It holds rights elsewhere, in another database perhaps.';
    end;
    raise notice 'PUBLIC has what it had before';
end
$unharden$;
