-- Refuses a rule that is none, and options that are not its.
create or replace function freehold._mask_options(rule text, options jsonb) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_kinds constant text[] := array['name', 'first_name', 'last_name', 'email', 'phone', 'street', 'city', 'company', 'iban', 'card',
                                     'ip', 'url', 'uuid', 'date', 'text'];
    v_known text[];
    v_key text;
    v_value text;
begin
    v_known := case when rule in ('keep', 'null', 'keep_format', 'json_values', 'shuffle') then array[]::text[]
                    when rule = 'constant' then array['value'] when rule = 'hash' then array['length']
                    when rule = 'partial' then array['prefix', 'suffix', 'fill'] when rule = 'fake' then array['kind', 'days'] end;
    if v_known is null then
        raise exception 'there is no masking rule called %', coalesce(quote_literal(rule), 'null')
            using errcode = 'FH003', hint = 'It is keep, null, constant, hash, partial, fake, keep_format, json_values or shuffle.';
    end if;
    if jsonb_typeof(options) is distinct from 'object' then
        raise exception 'options are not a JSON object' using errcode = 'FH003';
    end if;
    for v_key, v_value in select o.key, o.value from jsonb_each_text(options) as o loop
        if v_key <> all (v_known) then
            raise exception 'rule % has no option %', rule, quote_literal(v_key)
                using errcode = 'FH003', detail = format('Its options: %s.', coalesce(nullif(array_to_string(v_known, ', '), ''), 'none'));
        end if;
        if v_value is null
            or v_key = 'length' and (v_value !~ '^[0-9]{1,2}$' or v_value::integer not between 4 and 64)
            or v_key in ('prefix', 'suffix') and v_value !~ '^[0-9]{1,2}$'
            or v_key = 'fill' and length(v_value) <> 1
            or v_key = 'days' and (v_value !~ '^[0-9]{1,4}$' or v_value::integer = 0)
            or v_key = 'kind' and v_value <> all (c_kinds)
        then
            raise exception 'option "%" cannot be %', v_key, coalesce(quote_literal(v_value), 'null')
                using errcode = 'FH003', hint = case v_key
                    when 'kind' then format('It is one of %s.', array_to_string(c_kinds, ', '))
                    when 'length' then 'It is a number from 4 to 64.' when 'fill' then 'It is one character.'
                    else 'It is a number below 100, days one below 10000.' end;
        end if;
    end loop;
    if rule = 'constant' and not options ? 'value' or rule = 'fake' and not options ? 'kind'
        or options ? 'days' and options ->> 'kind' <> 'date'
    then
        raise exception 'options do not fit rule %', rule
            using errcode = 'FH003',
                  detail = 'A constant needs a value, a fake a kind; days go with kind date.';
    end if;
end
$$;
