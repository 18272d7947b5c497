-- Naming a commutator or negator that does not exist yet makes a shell, which its own statement fills later.
create or replace function freehold._ddl_operator(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_operator'::regclass::oid,
        p.oid,
        'operator'::text,
        freehold._ddl_operator_identity(p.oprname, p.oprleft, p.oprright),
        format(
            'create operator %s (%s)',
            p.oprname,
            concat_ws(
                ', ',
                'function = ' || freehold._ddl_proc_name(ns, p.oprcode::oid),
                case when p.oprleft <> 0 then 'leftarg = ' || format_type(p.oprleft, null) end,
                case when p.oprright <> 0 then 'rightarg = ' || format_type(p.oprright, null) end,
                'commutator = ' || freehold._ddl_operator_name(ns, p.oprcom),
                'negator = ' || freehold._ddl_operator_name(ns, p.oprnegate),
                'restrict = ' || freehold._ddl_proc_name(ns, p.oprrest::oid),
                'join = ' || freehold._ddl_proc_name(ns, p.oprjoin::oid),
                case when p.oprcanhash then 'hashes' end,
                case when p.oprcanmerge then 'merges' end))
    from freehold._ddl_own(ns, 'pg_operator'::regclass) o (oid)
    join pg_operator p on p.oid = o.oid
    where p.oprcode::oid <> 0;
end;

comment on function freehold._ddl_operator(oid) is 'Operators of a schema.';
