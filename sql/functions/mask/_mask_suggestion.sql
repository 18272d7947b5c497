-- The rule that fits a column of a kind: the first that can be the column's.
create or replace function freehold._mask_suggestion(kind text, mask freehold._mask_column_row, out rule text, out options jsonb)
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_fake constant jsonb := jsonb_build_object('kind', case when kind = 'birth' then 'date' else kind end);
begin
    for rule, options in
        select r.rule, r.options
        from (values
            ('fake', v_fake, kind in ('name', 'first_name', 'last_name', 'email', 'phone', 'street', 'city', 'company', 'iban', 'card',
                                      'ip', 'url', 'text', 'birth')),
            ('json_values', '{}', mask.class in ('json', 'jsonb')),
            ('keep_format', '{}', kind in ('identity', 'phone', 'iban', 'card', 'street', 'birth')),
            ('hash', '{}', true),
            ('null', '{}', true),
            ('keep_format', '{}', true),
            ('shuffle', '{}', true)) as r (rule, options, fits)
        where r.fits
    loop
        mask.rule := rule;
        mask.options := options;
        if freehold._mask_refusal(mask) is null then
            return;
        end if;
    end loop;
    rule := 'keep';
    options := '{}';
end
$$;
