-- security definer: reads a sample of rows through a cell, as the home's owner. Touches: mask_rule, tenant, template (read).
create or replace function freehold.mask_suggest(home text)
    returns table (table_name name, column_name name, type text, why text, rule text, options jsonb, command text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    return query
        select (f.found).table_name, (f.found).column_name, (f.found).shown_type, f.why || f.kind, s.rule, s.options,
               freehold._mask_call(home, (f.found).table_name, (f.found).column_name, s.rule, s.options)
        from freehold._mask_finding(v_home, freehold._mask_plan(v_home)) as f
        cross join lateral freehold._mask_suggestion(f.kind, f.found) as s
        order by 1, 2;
end
$$;

comment on function freehold.mask_suggest(text) is
    'The columns of a tenant, or of a template (its name after @), that have no masking rule and look personal by name, type or a '
    'sample of their rows, with a rule that fits each and the call that declares it. Values are read as the home''s own role and '
    'never shown. Raises FH101 or FH102 for an unknown home.';
