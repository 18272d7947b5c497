-- Named NOT NULL constraints of domains are catalogued from 17 on; a check that is not valid cannot be part of the
-- definition, nor can one that needs the domain to exist.
create or replace function freehold._ddl_domain(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        25,
        'pg_type'::regclass::oid,
        t.oid,
        'domain'::text,
        quote_ident(t.typname::text),
        format('create domain %I as %s', t.typname, format_type(t.typbasetype, t.typtypmod))
        || case
            when t.typcollation <> b.typcollation
                then ' collate ' || freehold._ddl_collation_name(ns, t.typcollation)
            else ''
        end
        || coalesce(
            ' default ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
            '')
        || case
            when t.typnotnull then coalesce(
                (select format(' constraint %I not null', c.conname)
                    from pg_constraint c where c.contypid = t.oid and c.contype = 'n'),
                ' not null')
            else ''
        end
        || coalesce(
            (select string_agg(
                    format(' constraint %I %s', c.conname, pg_get_constraintdef(c.oid)),
                    '' order by c.conname)
                from pg_constraint c
                where c.contypid = t.oid and c.contype = 'c' and c.convalidated
                    and not freehold._ddl_apart('pg_constraint'::regclass, c.oid)),
            '')
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    join pg_type b on b.oid = t.typbasetype
    where t.typtype = 'd'
    union all
    select
        'pre'::text,
        26,
        case when apart then 'pg_constraint'::regclass::oid else 'pg_type'::regclass::oid end,
        case when apart then c.oid else t.oid end,
        'domain check'::text,
        format('%I.%I', t.typname, c.conname),
        format('alter domain %I add constraint %I %s', t.typname, c.conname, pg_get_constraintdef(c.oid))
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    -- fenced as in _schema_object
    cross join lateral (
        select k.oid, k.conname, k.contype, k.convalidated from pg_constraint k where k.contypid = t.oid offset 0) c
    cross join lateral freehold._ddl_apart('pg_constraint'::regclass, c.oid) apart
    where t.typtype = 'd' and c.contype = 'c' and (apart or not c.convalidated);
end;

comment on function freehold._ddl_domain(oid) is 'Domains of a schema and their checks.';
