-- Refuses to drop a schema and its roles while something elsewhere would go along or holds them; with tables, while something
-- depends on those: what else there is is asked before the first batch and before the last.
create or replace function freehold._outside_check(schema_name name, roles name[], tables oid[] default null) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- By their ids: else the planner may look at what every role owns.
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (roles));
    v_found text;
begin
    select string_agg(format('%s depends on %s', o.what, o.needs), E'\n' order by o.what, o.needs) into v_found
    from freehold._outside_dependents(to_regnamespace(quote_ident(schema_name)), tables) as o;
    if v_found is not null then
        raise exception 'objects outside schema "%" depend on it', schema_name
            using errcode = 'FH206', detail = v_found,
                  hint = 'Dropping the schema would take them along. Drop or change them first.';
    end if;
    select string_agg(pg_describe_object(s.classid, s.objid, 0), ', ') into v_found
    from pg_shdepend as s
    join pg_database as d on d.oid = s.dbid and d.datname = current_database()
    where s.refclassid = 'pg_authid'::regclass and s.deptype = 'o'
        and tables is null
        and s.refobjid = any (v_role_ids)
        and (s.classid, s.objid) <> ('pg_namespace'::regclass, coalesce(to_regnamespace(quote_ident(schema_name))::oid, 0))
        and s.classid not in ('pg_largeobject'::regclass, 'pg_default_acl'::regclass)
        -- A runner is its owner's, and goes with it.
        and coalesce((pg_identify_object(s.classid, s.objid, 0)).schema, '') not in (schema_name, 'freehold_runner')
        and not exists (
            -- What belongs to a table, or to a type, is in its schema by that.
            select from pg_depend as i
            where i.classid = s.classid and i.objid = s.objid and i.deptype in ('i', 'a')
                and (pg_identify_object(i.refclassid, i.refobjid, 0)).schema = schema_name::text);
    if v_found is not null then
        raise exception 'the roles of schema "%" own things outside it', schema_name
            using errcode = 'FH206', detail = v_found,
                  hint = 'They would be dropped with the roles: give them to another owner, or drop them first.';
    end if;
    select string_agg(distinct format('database %I', d.datname), ', ') into v_found
    from pg_shdepend as s
    join pg_database as d on d.oid = s.dbid
    where s.refclassid = 'pg_authid'::regclass
        and s.refobjid = any (v_role_ids)
        and d.datname <> current_database();
    if v_found is not null then
        raise exception 'the roles of schema "%" own or may use things in another database', schema_name
            using errcode = 'FH206', detail = v_found,
                  hint = format('There: drop owned by %s.',
                                (select string_agg(quote_ident(r), ', ') from unnest(roles) as r));
    end if;
end
$$;
