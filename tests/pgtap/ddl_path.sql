-- The deparser runs with the tenant's schema first on the path, often as a role with more rights than the tenant. Here a
-- schema holds the like of every built-in operator, function and catalog that it could reach for; each raises when used.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
grant freehold_owner to current_user;

create schema hostile;
grant usage on schema hostile to freehold_owner;
do $do$
declare
    v_type constant oid[] := array[
        'oid', 'name', 'text', '"char"', 'boolean', 'smallint', 'integer', 'bigint', 'jsonb', 'text[]', 'oid[]', 'oidvector',
        'regclass', 'regproc', 'aclitem[]', 'anyelement', 'anyarray', 'anynonarray']::regtype[];
    v_one record;
begin
    for v_one in
        select o.oprname, o.oprleft::regtype as lefttype, o.oprright::regtype as righttype, o.oprresult::regtype as result, o.oid
        from pg_operator as o
        where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprleft = any (v_type) and o.oprright = any (v_type)
    loop
        execute format('create function hostile._%s(%s, %s) returns %s language plpgsql as %L', v_one.oid, v_one.lefttype,
            v_one.righttype, v_one.result, 'begin raise exception using errcode = ''XX001'', message = ''decoy''; end');
        execute format('create operator hostile.%s (leftarg = %s, rightarg = %s, function = hostile._%s)', v_one.oprname,
            v_one.lefttype, v_one.righttype, v_one.oid);
    end loop;
    for v_one in
        select p.proname, oidvectortypes(p.proargtypes) as arguments, p.prorettype::regtype as result, p.proretset
        from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.provariadic = 0
            and (select t.typtype = 'b' or t.oid = any (v_type) from pg_type as t where t.oid = p.prorettype)
            and p.proargtypes::oid[] <@ v_type
            and (p.prorettype not in ('anyelement'::regtype, 'anyarray'::regtype, 'anynonarray'::regtype)
                or p.proargtypes::oid[] && array['anyelement', 'anyarray', 'anynonarray']::regtype[]::oid[])
    loop
        execute format('create function hostile.%I(%s) returns %s %s language plpgsql as %L', v_one.proname, v_one.arguments,
            case when v_one.proretset then 'setof' end, v_one.result,
            'begin raise exception using errcode = ''XX001'', message = ''decoy''; end');
    end loop;
    for v_one in
        select c.relname from pg_class as c where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v')
    loop
        execute format('create table hostile.%I (decoy integer)', v_one.relname);
    end loop;
end
$do$;
create table hostile.victim (a text default pg_catalog.lower('X'), b integer check (b operator(pg_catalog.>) 0));
create view hostile.window_on as select a, pg_catalog.lower(a) as lowered from hostile.victim;
create rule ignore as on delete to hostile.victim do also nothing;
create policy only_b on hostile.victim using (b operator(pg_catalog.>) 1);
create index on hostile.victim (pg_catalog.lower(a));

select cmp_ok(
    (select count(*) from pg_proc as p where p.pronamespace = 'hostile'::regnamespace), '>', 500::bigint, 'the decoys stand');
select throws_ok($$select hostile.lower('x')$$, 'XX001', 'decoy', 'and raise when called');
select lives_ok($$select count(*) from freehold.schema_ddl('hostile')$$, 'schema_ddl touches none of them');
select lives_ok($$select count(*) from freehold.schema_diff('hostile', 'hostile')$$, 'nor does schema_diff');
select lives_ok($$select freehold.schema_fingerprint('hostile')$$, 'nor schema_fingerprint');
create function pg_temp.hostile_caller() returns bigint
    language plpgsql
    set search_path = hostile, pg_catalog
as $$
declare
    v_rows bigint;
begin
    select pg_catalog.count(d.ddl) into v_rows from freehold._schema_ddl('hostile'::pg_catalog.regnamespace) as d;
    return v_rows;
end
$$;
grant usage on schema tap to freehold_owner;
set local role freehold_owner;
select lives_ok($$select count(*) from freehold._schema_refusal('hostile'::regnamespace::oid)$$, 'nor _schema_refusal');
select lives_ok($$select pg_temp.hostile_caller()$$, 'nor with the schema on the caller''s path');
reset role;
select matches(
    (select d.ddl from freehold.schema_ddl('hostile') as d where d.kind = 'table' and d.identity = 'victim'),
    'default pg_catalog\.lower\(.*OPERATOR\(pg_catalog\.>\)', 'what is the built-in is printed as the built-in');

select * from finish();
rollback;
