-- The columns of a tenant with the rules of its masked clone. Refuses where code of the schema's would run while rows are copied, as it
-- would see what is masked; where a rule is stale or cannot be kept to, where the two sides
-- of a foreign key would part, and where a column without a rule looks personal.
create or replace function freehold._mask_check(source freehold.tenant) returns freehold._mask_column_row[]
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_plan constant freehold._mask_column_row[] := freehold._mask_plan(source);
    v_problem text[];
    v_first text;
begin
    v_problem := array(select c.what from freehold._mask_code(to_regnamespace(quote_ident(source.schema_name))) as c order by 1);
    if cardinality(v_problem) > 0 then
        raise exception 'tenant "%" cannot be cloned masked: its own functions would run over rows that are not masked', source.slug
            using errcode = 'FH227', detail = freehold._mask_lines(v_problem),
                  hint = 'Rows are copied by a role that may read the source: use functions of the server''s in their place.';
    end if;

    v_problem := array(
        select format('%s.%s: rule %s of %s has no such column any more', s.table_name, s.column_name, s.rule, s.origin)
        from freehold._mask_stale(source) as s order by 1);
    if cardinality(v_problem) > 0 then
        raise exception 'tenant "%" cannot be cloned masked: rules are stale', source.slug
            using errcode = 'FH227', detail = freehold._mask_lines(v_problem),
                  hint = (select format('Give the column that took its place a rule, then select freehold.mask_reset(%L, %L, %L);',
                                        s.origin, s.table_name, s.column_name)
                          from freehold._mask_stale(source) as s order by s.table_name, s.column_name limit 1);
    end if;

    v_problem := array(
        select format('%s.%s: rule %s cannot be kept: the column %s', m.table_name, m.column_name, m.rule, r.reason)
        from unnest(v_plan) as m
        cross join lateral (select freehold._mask_refusal(m)) as r (reason)
        where m.rule is not null and r.reason is not null
        union
        select format('%s.%s: references %s, which has rule %s, and has itself %s: the two sides need the same',
                      c.table_name, c.column_name, c.other, c.other_rule, c.rule)
        from freehold._mask_conflict(v_plan) as c
        order by 1);
    if cardinality(v_problem) > 0 then
        raise exception 'tenant "%" cannot be cloned masked: rules do not fit its keys', source.slug
            using errcode = 'FH227', detail = freehold._mask_lines(v_problem),
                  hint = 'In keys, hash and keep_format keep what is equal equal, and what is different different.';
    end if;

    select array_agg(format('%s.%s: %s%s', (f.found).table_name, (f.found).column_name, f.why, f.kind)
                     order by (f.found).table_name, (f.found).column_name),
           min(freehold._mask_call(coalesce('@' || source.template, source.slug), (f.found).table_name, (f.found).column_name,
                                   'keep', '{}'))
    into v_problem, v_first
    from freehold._mask_finding(source, v_plan) as f;
    if v_problem is not null then
        raise exception 'tenant "%" cannot be cloned masked: personal columns without a rule', source.slug
            using errcode = 'FH227', detail = freehold._mask_lines(v_problem),
                  hint = format('freehold.mask_suggest(%L) proposes rules. Where one is not personal: %s', source.slug, v_first);
    end if;
    return v_plan;
end
$$;
