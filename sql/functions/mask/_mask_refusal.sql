-- Why a rule cannot be a column's, null where it can.
create or replace function freehold._mask_refusal(mask freehold._mask_column_row) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case
        when mask.rule in ('keep') then null
        when mask.generated then 'is generated, from columns that are masked or kept'
        when mask.partition_key then 'decides the partition of a row'
        when mask.rule = 'null' and mask.not_null then 'is not null'
        when mask.rule = 'null' and mask.strict_key then 'is part of a key without nulls'
        when mask.rule = 'shuffle' and (mask.wide_key or mask.linked) then 'is part of a foreign key, or of a key of several columns'
        when mask.rule in ('null', 'shuffle') then null
        when mask.rule = 'constant' and mask.unique_keys > 0 then 'is unique'
        when mask.rule = 'constant' and mask.class = 'text' and not mask.is_array and length(mask.options ->> 'value') > mask.length
        then format('takes %s characters', mask.length)
        when mask.rule = 'constant' then null
        when case mask.rule
                 when 'hash' then mask.class not in ('text', 'bytea', 'uuid', 'macaddr')
                 when 'partial' then mask.class <> 'text'
                 when 'keep_format' then mask.class not in ('text', 'integer', 'numeric')
                 when 'json_values' then mask.class not in ('json', 'jsonb')
                 when 'fake' then case mask.class
                     when 'text' then v.kind = 'date'
                     when 'inet' then v.kind <> 'ip' when 'cidr' then v.kind <> 'ip' when 'uuid' then v.kind <> 'uuid'
                     when 'date' then v.kind <> 'date' when 'timestamp' then v.kind <> 'date' when 'timestamptz' then v.kind <> 'date'
                     else true end
             end then format('is of type %s', mask.shown_type)
        when mask.length < v.least then format('takes %s characters, and a fake of this kind has %s', mask.length, v.least)
        when mask.unique_keys = 0 then null
        when mask.rule = 'keep_format' or mask.class in ('bytea', 'uuid') then null
        when mask.rule = 'hash' and mask.class = 'text'
             and least(coalesce((mask.options ->> 'length')::integer, 32), coalesce(mask.length, 64)) >= 16 then null
        when mask.rule = 'fake' and (v.kind in ('url', 'uuid', 'iban') or v.kind = 'email' and coalesce(mask.length, 64) >= 28) then null
        else 'is part of a key, and the masked values could be equal' end
    from (select mask.options ->> 'kind',
                 case mask.options ->> 'kind' when 'email' then 20 when 'iban' then 22 when 'card' then 16 when 'uuid' then 36
                                              when 'url' then 36 end) as v (kind, least)
$$;
