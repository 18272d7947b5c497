create or replace function freehold._ddl_identity(relid oid, attnum smallint, attidentity "char")
returns text
language sql stable
begin atomic
    -- no row where a partition counts with its parent's sequence
    select format(
        ' generated %s as identity (sequence name %I%s)',
        case attidentity when 'a' then 'always' else 'by default' end,
        c.relname,
        freehold._ddl_sequence_options(
            s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle
        )
    )
    from pg_depend d
    join pg_sequence s on s.seqrelid = d.objid
    join pg_class c on c.oid = d.objid
    where d.refclassid = 'pg_class'::regclass and d.refobjid = relid and d.refobjsubid = attnum
      and d.classid = 'pg_class'::regclass and d.deptype = 'i';
end;

comment on function freehold._ddl_identity(oid, smallint, "char") is
'The clause of an identity column, with the real name of its sequence; null if it has none of its own.';
