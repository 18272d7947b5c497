create or replace function freehold._ddl_aggregate(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_proc'::regclass::oid,
        p.oid,
        'aggregate'::text,
        freehold._ddl_aggregate_identity(p.oid, p.proname),
        format(
            'create aggregate %I(%s) (%s)',
            p.proname,
            coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'),
            concat_ws(
                ', ',
                'sfunc = ' || freehold._ddl_proc_name(ns, a.aggtransfn::oid),
                'stype = ' || format_type(a.aggtranstype, null),
                case when a.aggtransspace <> 0 then format('sspace = %s', a.aggtransspace) end,
                'finalfunc = ' || freehold._ddl_proc_name(ns, a.aggfinalfn::oid),
                case when a.aggfinalextra then 'finalfunc_extra' end,
                case
                    when a.aggfinalmodify <> (case a.aggkind when 'n' then 'r' else 'w' end)::"char"
                        then 'finalfunc_modify = ' || case a.aggfinalmodify
                            when 'r' then 'read_only' when 's' then 'shareable' else 'read_write'
                        end
                end,
                'combinefunc = ' || freehold._ddl_proc_name(ns, a.aggcombinefn::oid),
                'serialfunc = ' || freehold._ddl_proc_name(ns, a.aggserialfn::oid),
                'deserialfunc = ' || freehold._ddl_proc_name(ns, a.aggdeserialfn::oid),
                'initcond = ' || quote_literal(a.agginitval),
                'msfunc = ' || freehold._ddl_proc_name(ns, a.aggmtransfn::oid),
                'minvfunc = ' || freehold._ddl_proc_name(ns, a.aggminvtransfn::oid),
                case when a.aggmtranstype <> 0 then 'mstype = ' || format_type(a.aggmtranstype, null) end,
                case when a.aggmtransspace <> 0 then format('msspace = %s', a.aggmtransspace) end,
                'mfinalfunc = ' || freehold._ddl_proc_name(ns, a.aggmfinalfn::oid),
                case when a.aggmfinalextra then 'mfinalfunc_extra' end,
                case
                    when a.aggmfinalmodify <> (case a.aggkind when 'n' then 'r' else 'w' end)::"char"
                        then 'mfinalfunc_modify = ' || case a.aggmfinalmodify
                            when 'r' then 'read_only' when 's' then 'shareable' else 'read_write'
                        end
                end,
                'minitcond = ' || quote_literal(a.aggminitval),
                case when a.aggsortop <> 0 then 'sortop = ' || freehold._ddl_operator_name(ns, a.aggsortop) end,
                'parallel = ' || case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end,
                case when a.aggkind = 'h' then 'hypothetical' end))
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    join pg_aggregate a on a.aggfnoid = p.oid
    where p.prokind = 'a';
end;

comment on function freehold._ddl_aggregate(oid) is 'Aggregates of a schema.';
