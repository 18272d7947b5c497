-- What an event tells of an operation: numbers, names of the installation's own and digests. Slugs and roles' names apart, nothing
-- of a tenant's: an event outlives it. What is not listed here is left out.
create or replace function freehold._event_detail(detail jsonb) returns jsonb
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_object_agg(d.key, d.value), '{}')
    from jsonb_each(detail) as d
    where d.key = any (array[
        'access', 'acknowledged', 'applied', 'bytes', 'cell', 'changed', 'connection_limit', 'dropped', 'fingerprint', 'grace',
        'inventory', 'login', 'migrations', 'name', 'names', 'new', 'new_slug', 'old', 'plan', 'role', 'rollout', 'rows', 'schema',
        'schema_name', 'sha256', 'source', 'source_id', 'statements', 'tables', 'template', 'undoes', 'version', 'wave', 'with_data'])
$$;
