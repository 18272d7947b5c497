-- Permissions as they are kept: sorted, each once.
create or replace function freehold._permissions_check(permissions text[]) returns text[]
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_bad text;
begin
    if permissions is null or cardinality(permissions) > 1000 then
        raise exception 'a role has a list of at most 1000 permissions' using errcode = 'FH003';
    end if;
    select coalesce(quote_literal(p), 'null') into v_bad
    from unnest(permissions) as p
    where (p ~ '^[a-z][a-z0-9_.-]{0,62}:[a-z][a-z0-9_.-]{0,62}$' or p = '*') is not true
    limit 1;
    if found then
        raise exception 'a permission is called resource:verb, not %', left(v_bad, 200)
            using errcode = 'FH003', detail = 'Both of a-z, 0-9, _, . and -, beginning with a letter; * is every permission.';
    end if;
    return array(select distinct p collate "C" from unnest(permissions) as p order by 1);
end
$$;
