-- security definer: the table is the owner's. Touches: mask_rule, operation (one row each), the home's row lock.
create or replace function freehold.mask_set(
    home text, table_name text, column_name text, rule text, options jsonb default '{}'
) returns freehold.mask_rule
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_mask freehold._mask_column_row;
    v_why text;
    v_rule freehold.mask_rule;
    v_operation bigint;
begin
    perform freehold._mask_options(rule, options);
    select m.* into v_mask
    from unnest(freehold._mask_plan(v_home)) as m
    where m.table_name = mask_set.table_name and m.column_name = mask_set.column_name;
    if not found then
        raise exception 'no table of % has a column %.%', quote_literal(home), table_name, column_name
            using errcode = 'FH003', hint = 'Names are given as they are stored: without quotes and without the schema.';
    end if;
    v_mask.rule := rule;
    v_mask.options := options;
    v_why := freehold._mask_refusal(v_mask);
    if v_why is not null then
        raise exception 'rule % cannot be that of column %.%', rule, table_name, column_name
            using errcode = 'FH003', detail = format('The column %s.', v_why),
                  hint = 'In keys, hash and keep_format keep what is equal equal, and what is different different.';
    end if;
    if rule = 'constant' then
        perform freehold._mask_constant(v_home, v_mask);
    end if;
    v_operation := freehold._operation_begin('mask_set', case when home not like '@%' then v_home.id end, v_home.slug,
        jsonb_build_object('home', home, 'table', table_name, 'column', column_name, 'rule', rule));
    insert into freehold.mask_rule as m (home_id, table_name, column_name, rule, options, declared_at, declared_by)
    values (v_home.id, v_mask.table_name, v_mask.column_name, rule, options, freehold._now(), freehold.actor_current())
    on conflict on constraint mask_rule_pkey do update
    set rule = excluded.rule, options = excluded.options, declared_at = excluded.declared_at, declared_by = excluded.declared_by
    returning m.* into v_rule;
    perform freehold._operation_end(v_operation);
    return v_rule;
end
$$;

comment on function freehold.mask_set(text, text, text, text, jsonb) is
    'Says what becomes of a column in a masked clone. The home is a tenant''s slug or a template''s name after @, whose rules hold for '
    'all of its tenants; a tenant''s own wins. Rules: keep (not personal), null, constant (value), hash (length), partial (prefix, '
    'suffix, fill), fake (kind: name, first_name, last_name, email, phone, street, city, company, iban, card, ip, url, uuid, date with '
    'days, text), keep_format, json_values, shuffle. Raises FH101 or FH102 for an unknown home, FH003 for an unknown column, rule or '
    'option, or a rule that does not fit the column''s type or keys, FH202 for a tenant that is not whole.';
