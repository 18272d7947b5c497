-- What tenants reach outside their own schemas, asked of the catalogs. It changes nothing, and may be run on a live database by
-- psql, pg_prove or pytest, as a member of freehold_admin or freehold_auditor that may make temporary tables, which pgTAP needs.
-- pgTAP is looked for in the schemas tap and public.
begin;
set local search_path = pg_catalog, tap, public;
create temporary table fleet as select exists (select from freehold.tenant_list('active', max_rows => 1)) as has_tenants;
create temporary table finding as select i.* from freehold.isolation_check() as i;
create temporary table coverage as select c.* from freehold.isolation_coverage() as c;
select case when f.has_tenants then plan(15) else '1..0 # SKIP no tenants' end from fleet as f;

select ok(c.questions > 0, format('%s: %s questions, of %s roles about %s objects', c.object_kind, c.questions, c.roles, c.objects))
from fleet as f, coverage as c
where f.has_tenants
    and c.object_kind in ('schema', 'table', 'column', 'function', 'type', 'database', 'language', 'tablespace', 'parameter', 'role')
order by c.object_kind;
select cmp_ok(c.held, '>', 0::bigint, 'tenants hold rights in their own schemas')
from fleet as f, coverage as c
where f.has_tenants and c.object_kind = 'own schema';
select is(c.held, c.questions, format('all %s roles of active tenants do', c.roles))
from fleet as f, coverage as c
where f.has_tenants and c.object_kind = 'own schema';
select is_empty(
    $$select i.object_kind, i.object, i.reached_by from finding as i where i.verdict = 'unproven' and i.object_kind = 'check'$$,
    'every check could be made')
from fleet as f where f.has_tenants;
select is_empty(
    $$select i.role_name, i.object_kind, i.object, i.reached_by, i.remedy from finding as i
      where i.verdict = 'unproven' and i.object_kind <> 'check'$$,
    'nothing is unproven')
from fleet as f where f.has_tenants;
select is_empty(
    $$select i.role_name, i.privilege, i.object_kind, i.object, i.reached_by, i.remedy from finding as i where i.verdict = 'breach'$$,
    'no tenant reaches anything outside its own schema')
from fleet as f where f.has_tenants;
select finish() from fleet as f where f.has_tenants;
rollback;
