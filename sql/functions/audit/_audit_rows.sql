-- The rows of a table, or one, as they were: what is there now, with what was recorded since taken back. The rows are read before the
-- log, so that what is written in between is taken back, too; and as the schema's owner, as nobody privileged may touch the table.
create or replace function freehold._audit_rows(home freehold.tenant, table_name text, at timestamptz, key jsonb) returns setof jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_target constant regclass := to_regclass(format('%I.%I', home.schema_name, table_name));
    v_log constant freehold.audit_log := (select l from freehold.audit_log as l where l.home_id = home.id);
    v_since constant timestamptz := greatest((v_log.tables ->> table_name)::timestamptz, v_log.purged_until);
    v_table record;
    v_names name[];
    v_truncated timestamptz;
    v_rows jsonb;
begin
    select t.keys, t.exclude, t.mask into v_table
    from freehold._audit_table(to_regnamespace(quote_ident(home.schema_name))) as t where t.relation = v_target;
    if v_table.keys is null or at is null or v_since is null or at < v_since then
        raise exception 'table "%" cannot be shown as it was then', table_name
            using errcode = 'FH202', detail = case when v_table.keys is null then 'It is not audited.'
                                                   else format('The record begins at %s.', v_since) end;
    end if;
    if key is not null and (jsonb_typeof(key) <> 'object' or not key ?& v_table.keys) then
        raise exception 'the key is an object of %', array_to_string(v_table.keys, ', ') using errcode = 'FH003';
    end if;
    v_rows := coalesce(freehold._owner_run(home.cell, home.schema_name, home.owner_role, '', format(
        'select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(t.*) - %L::pg_catalog.text[])::pg_catalog.text from %s as t where %s',
        v_table.exclude, v_target, case when key is null then 'true' else (
            select string_agg(format('t.%I = %L', k, key ->> k), ' and ') from unnest(v_table.keys) as k) end),
        all_rows => true), '[]')::jsonb;
    v_names := array(select c.relname from freehold._audit_tree(v_target) as t join pg_class as c on c.oid = t.relation);
    execute format('select min(l.at) from freehold_audit.%I as l where l.table_name = any ($1) and l.action = ''truncate'' and l.at > $2',
                   freehold._audit_name(home.id)) into v_truncated using v_names, at;
    if v_truncated is not null then
        raise exception 'table "%" cannot be shown as it was then', table_name
            using errcode = 'FH202', detail = format('It was truncated at %s, and what was in it is not recorded.', v_truncated);
    end if;
    return query execute format(
        'with entry as (
             select l.id, l.key, l.action, l.old, l.new, l.action = ''update'' and l.old ?| $3 as moved
             from freehold_audit.%I as l
             where l.table_name = any ($1) and l.at > $2 and l.action <> ''truncate''
                 and ($4 is null or l.key = $4 or l.action = ''update'' and l.new @> $4)
         ), step as (
             select e.id, e.key, e.old,
                    case when e.action = ''insert'' then ''start'' when e.action = ''delete'' or e.moved then ''end'' end as kind
             from entry as e
             union all
             select e.id, (select jsonb_object_agg(k, e.new -> k) from unnest($3) as k), null, ''start'' from entry as e where e.moved
         ), life as (
             select s.key, (array_agg(s.kind order by s.id, s.kind desc nulls last))[1] as first,
                    (array_agg(s.old order by s.id) filter (where s.kind = ''end''))[1] as last,
                    min(s.id) filter (where s.kind = ''end'') as last_id
             from step as s
             group by s.key
         ), present as (
             select r.row, (select jsonb_object_agg(k, r.row -> k) from unnest($3) as k) as key from jsonb_array_elements($5) as r (row)
         )
         select jsonb_concat(jsonb_concat(coalesce(l.last, p.row), coalesce((
                    select jsonb_object_agg(c.key, c.value order by s.id desc)
                    from step as s
                    cross join lateral jsonb_each(s.old) as c
                    where s.key = l.key and s.kind is null and (l.last_id is null or s.id < l.last_id)), ''{}'')), $6)
         from present as p
         full join life as l on l.key = p.key
         where coalesce(l.first, '''') <> ''start'' and coalesce(l.last, p.row) is not null
             and ($4 is null or coalesce(l.key, p.key) = $4)
         order by coalesce(l.key, p.key)', freehold._audit_name(home.id))
        using v_names, at, v_table.keys, case when key is not null then
            (select jsonb_object_agg(k, key -> k) from unnest(v_table.keys) as k) end, v_rows,
            jsonb_object(v_table.mask, array_fill('***'::text, array[cardinality(v_table.mask)]));
end
$$;
