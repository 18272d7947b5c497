-- Rules that hold for every object of the control plane, asked of the catalog: a new function is covered the day it is added.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
grant freehold_owner to current_user;

create temporary view routine as
    select p.oid, p.proname, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.prosrc, p.prosqlbody, p.prokind,
           p.proowner::regrole::text as owner, l.lanname,
           coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from pg_proc as p
    join pg_language as l on l.oid = p.prolang
    where p.pronamespace = 'freehold'::regnamespace;

-- What is left of a body whose path is the caller's without comments, literals, qualified names and PL/pgSQL's own words may
-- hold no call, cast, operator, type or relation: any of them could be found in a schema of the caller's.
create function pg_temp.loose(body text) returns text language plpgsql as $$
declare
    v_step text[];
begin
    foreach v_step slice 1 in array array[
        ['--[^\n]*', ''],
        ['''(''''|[^''])*''', '9'],
        ['\moperator\(pg_catalog\.[^)]+\)', ','],
        ['\m(pg_catalog|freehold)\.[a-z_]+', '9'],
        [':=|=>', ','],
        ['\m(errcode|message|detail|hint)\s*=', ''],
        ['=\s*(returned_sqlstate|message_text|pg_exception_detail|pg_exception_hint)\M', ''],
        ['\mset local \w+ = [^;]*;', ''],
        ['\m(coalesce|all|any|if|and|or|not|when)\s*\(', ';('],
        -- Of the grammar, whatever the path.
        ['\m(v_\w+)\s+(constant\s+)?(integer|bigint|boolean|record)\M', '\1']
    ] loop
        body := regexp_replace(body, v_step[1], v_step[2], 'g');
    end loop;
    return array_to_string(array(
        select m[1]
        from regexp_matches(body, '(\m[a-z]\w*\s*\(|::|[-+*/<>=~!#%^&|`?]+|\m(?:nullif|between|like|ilike|similar|distinct|in)\M'
                                  '|\mcase\s+(?!when\M)\w+|\m(?:from|join|into)\s+(?!v_)[a-z]\w*|\mv_\w+\s+(?:constant\s+)?[a-z]\w*(?=\s*[;,%(]))',
                            'g') as m), ' ');
end $$;
grant select on routine to freehold_owner;
set local role freehold_owner;

select is_empty(
    $$select name from routine
      where prosecdef and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)$$,
    'every definer function pins its path to pg_catalog, pg_temp');
select is_empty(
    $$select name from routine
      where not prosecdef and prokind <> 'p' and prosqlbody is null
        and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
        and not (lanname = 'plpgsql' and proconfig is null and prosrc ~ 'set local search_path')$$,
    'every other function pins its path too, or has a body that was bound when it was created, or sets what a clause would undo');
select is_empty(
    $$select name from routine where prokind = 'p' and (prosecdef or proconfig is not null)$$,
    'a procedure that commits is an invoker''s and carries no SET clause');
select is_empty(
    $$select r.name from routine as r, aclexplode(r.acl) as a where a.grantee = 0$$,
    'PUBLIC may execute nothing');
select is_empty(
    $$select c.oid::regclass from pg_class as c, aclexplode(c.relacl) as a
      where c.relnamespace = 'freehold'::regnamespace and c.relkind in ('r', 'v', 'S')
        and a.grantee <> c.relowner$$,
    'nobody but the owner may touch the tables');
select is_empty(
    $$select name from routine where proname !~ '^_' and obj_description(oid, 'pg_proc') is null$$,
    'every public function has a comment');
select is_empty(
    $$select c.oid::regclass from pg_class as c
      where c.relnamespace = 'freehold'::regnamespace and c.relkind in ('r', 'v')
        and obj_description(c.oid, 'pg_class') is null$$,
    'every table has a comment');
select is_empty(
    $$select name, owner from routine
      where owner <> 'freehold_owner' and name !~ '^freehold\.(_cell_\d+\(text,text\)|_installer_schema\(name,name,name\))$'$$,
    'all functions are the owner''s, but for the cells'' and the installing role''s');
select results_eq(
    $$select owner from routine where name ~ '^freehold\._cell_\d+\(' order by 1$$,
    $$values ('freehold_cell_00'), ('freehold_cell_01')$$,
    'a cell''s function is its provisioner''s');
select is_empty(
    $$select r.name, a.grantee::regrole from routine as r, aclexplode(r.acl) as a
      where r.name ~ '^freehold\._(cell_\d+|installer_schema)\(' and a.grantee::regrole::text not in (r.owner, 'freehold_owner')$$,
    'nobody but the owner role may call a cell''s function, or the installing role''s');
select is_empty('select * from freehold._grant_actual() except select * from freehold._grant_declared()', 'no grant that was not declared');
select is_empty(
    $$select d.* from freehold._grant_declared() as d
      where not case d.object_kind
          when 'schema' then has_schema_privilege(d.role_name, d.object, d.privilege)
          else has_function_privilege(d.role_name, d.object::regprocedure, d.privilege) end$$,
    'every declared grant is there');
select isnt(pg_temp.loose(body), '', 'would be found: ' || body)
from unnest(array[
    'perform format(''%s'', 1);', 'v_a := slug = ''x'';', 'v_a := x::pg_catalog.text;', 'v_a text;', 'v_a constant text := slug;',
    'v_a := nullif(x, y);', 'if x in (1, 2) then', 'if x between y and z then', 'case slug when ''x'' then', 'v_a := x || y;',
    'select c.x into v_a from tenant as c;', 'return slug is distinct from x;', 'v_a tenant%rowtype;', 'if - x then', 'v_a numeric(3, 2);'
]) as body;
select is(pg_temp.loose(body), '', 'is no name: ' || body)
from unnest(array[
    'v_a pg_catalog.text; v_b integer := 0;', 'v_a := pg_catalog.format(''it''''s = %s'', x); -- a = b', 'if x operator(pg_catalog.->>) y then',
    'set local search_path = pg_catalog, pg_temp;', 'select c.x into v_a from freehold.f(x) as c;', 'v_a := freehold.f(x => 1);'
]) as body;
select is_empty(
    $$select name, pg_temp.loose(prosrc) from routine
      where lanname = 'plpgsql' and not prosecdef and proconfig is null and pg_temp.loose(prosrc) <> ''$$,
    'a routine whose path is the caller''s qualifies every name, operators and types included');
select is_empty(
    $$select c.oid::regclass from pg_class as c
      where c.relnamespace = 'freehold'::regnamespace and c.relkind in ('r', 'p') and c.relreplident <> 'f'
          and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)$$,
    'every table has a key or a replica identity, lest a publication of all tables stop its writers');
select is_empty(
    $$select name from routine where lanname = 'plpgsql' and prosrc ~* 'execute\s+[^;]*\|\|'$$,
    'nothing is glued into an EXECUTE');
select is_empty(
    $$select name from routine
      where lanname = 'plpgsql' and prokind <> 'p'
        and regexp_count(prosrc, 'raise exception') > regexp_count(prosrc, 'errcode = ''{0,2}(FH\d\d\d|numeric_value)')$$,
    'every error has a code of class FH');
select is_empty(
    $$select name from routine where prosecdef and prosrc !~ 'definer' and proname ~ '^_(cell_\d|installer_schema)'$$,
    'the generated definer functions say why they are');

select is_empty(
    $$select r.rolname from pg_roles as r
      where r.rolname ~ ('^freehold_(owner|cell_\d+|gate_\d+|admin|auditor|worker|audit_owner|tenant|resolver|break_glass|member|analyst'
                         '|nobody)$')
        and (r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolreplication or r.rolcreatedb
             or (r.rolcreaterole and r.rolname !~ '^freehold_cell_'))$$,
    'no role of the installation logs in or holds more than it must');
select results_eq(
    $$select privilege, object_kind, regexp_replace(object, '^freehold\.|\(.*', '', 'g') collate "default"
      from freehold._grant_declared() where role_name = 'freehold_break_glass' order by 2, 3$$,
    $$values ('EXECUTE', 'function', '_request_begin'), ('EXECUTE', 'function', '_request_end'),
             ('EXECUTE', 'function', 'break_glass_claim'), ('EXECUTE', 'function', 'break_glass_close'),
             ('EXECUTE', 'function', 'break_glass_expire'), ('EXECUTE', 'function', 'break_glass_list'),
             ('EXECUTE', 'function', 'break_glass_open'),
             ('USAGE', 'schema', 'freehold')$$,
    'staff may open, claim, close, list and expire, and nothing else');
select results_eq(
    $$select string_agg(role_name::text collate "default", ' ' order by role_name)
      from freehold._grant_declared() where object ~ '^freehold\.break_glass_(open|claim)\('$$,
    array['freehold_break_glass freehold_break_glass'], 'nobody but staff lets himself in');
select results_eq(
    $$select privilege, object_kind, regexp_replace(object, '^freehold\.|\(.*', '', 'g') collate "default"
      from freehold._grant_declared() where role_name = 'freehold_analyst' order by 2, 3$$,
    $$values ('EXECUTE', 'function', '_request_begin'), ('EXECUTE', 'function', '_request_end'),
             ('EXECUTE', 'function', 'fleet_ask'), ('EXECUTE', 'function', 'fleet_begin'), ('EXECUTE', 'function', 'fleet_columns'),
             ('EXECUTE', 'function', 'fleet_prepare'), ('EXECUTE', 'function', 'fleet_query'), ('EXECUTE', 'function', 'rollup_get'),
             ('EXECUTE', 'function', 'rollup_list'), ('USAGE', 'schema', 'freehold')$$,
    'analysts may ask the fleet and read rollups, and nothing else');
select results_eq(
    $$select string_agg(distinct role_name::text collate "default", ' ')
      from freehold._grant_declared() where object ~ '^freehold\.(fleet_(query|begin|ask|columns)|rollup_get)\('$$,
    array['freehold_analyst'], 'tenants'' rows are nobody else''s');
select results_eq(
    $$select privilege, object_kind, regexp_replace(object, '^freehold\.|\(.*', '', 'g') collate "default"
      from freehold._grant_declared() where role_name = 'freehold_resolver' order by 2, 3$$,
    $$values ('EXECUTE', 'function', '_console_session_close'), ('EXECUTE', 'function', '_console_session_open'),
             ('EXECUTE', 'function', '_console_session_use'),
             ('EXECUTE', 'function', '_member_of'), ('EXECUTE', 'function', 'api_key_check'), ('EXECUTE', 'function', 'member_check'),
             ('EXECUTE', 'function', 'member_tenants'), ('EXECUTE', 'function', 'permission_check'),
             ('EXECUTE', 'function', 'tenant_context'), ('USAGE', 'schema', 'freehold')$$,
    'who asks for an application asks for a tenant, what its users may and whose a key is, and nothing else');
reset role;
revoke freehold_owner from current_user;
select is_empty(
    $$select m.roleid::regrole, m.member::regrole
      from pg_auth_members as m
      where m.roleid::regrole::text ~ '^freehold_(owner|cell_\d+)$'
        and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
             or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))$$,
    'owner and cells have no members at rest');
select is(has_database_privilege('public', current_database(), 'temporary'), false, 'PUBLIC has no TEMPORARY');
select is(has_database_privilege('public', current_database(), 'connect'), false, 'PUBLIC has no CONNECT');
select is(has_schema_privilege('public', 'public', 'create'), false, 'PUBLIC creates nothing in schema public');
select * from finish();
rollback;
