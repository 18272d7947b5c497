create or replace function freehold._ddl_function(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        30,
        'pg_proc'::regclass::oid,
        p.oid,
        case p.prokind when 'p' then 'procedure' else 'function' end::text,
        freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes),
        format(
            'create %s %I(%s)',
            case p.prokind when 'p' then 'procedure' else 'function' end,
            p.proname,
            pg_get_function_arguments(p.oid))
        || coalesce(E'\nreturns ' || pg_get_function_result(p.oid), '')
        || format(E'\nlanguage %I', l.lanname)
        || coalesce(
            E'\ntransform ' || (
                select string_agg('for type ' || format_type(f.type, null), ', ' order by f.position)
                from unnest(p.protrftypes) with ordinality f (type, position)),
            '')
        || case when p.prokind = 'w' then E'\nwindow' else '' end
        || case p.provolatile when 'i' then E'\nimmutable' when 's' then E'\nstable' else '' end
        || case when p.proisstrict then E'\nstrict' else '' end
        || case when p.prosecdef then E'\nsecurity definer' else '' end
        || case when p.proleakproof then E'\nleakproof' else '' end
        || case p.proparallel when 's' then E'\nparallel safe' when 'r' then E'\nparallel restricted' else '' end
        || case
            when p.procost <> (case when l.lanname in ('internal', 'c') then 1 else 100 end)
                then format(E'\ncost %s', p.procost)
            else ''
        end
        || case when p.prorows not in (0, 1000) then format(E'\nrows %s', p.prorows) else '' end
        || case
            when p.prosupport::oid <> 0
                then E'\nsupport ' || freehold._ddl_proc_name(ns, p.prosupport::oid)
            else ''
        end
        || case when p.proconfig is not null then freehold._ddl_config(ns, p.proconfig) else '' end
        || case
            when p.prosqlbody is not null then E'\n' || freehold._ddl_bare(ns, freehold._ddl_exact_query(pg_get_function_sqlbody(p.oid)))
            when p.probin is not null then format(E'\nas %L, %L', p.probin, p.prosrc)
            else E'\nas ' || freehold._ddl_dollar(p.prosrc)
        end
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    join pg_language l on l.oid = p.prolang
    where p.prokind <> 'a';
end;

comment on function freehold._ddl_function(oid) is
    'Functions and procedures of a schema, built from parts since pg_get_functiondef always qualifies the name.';
