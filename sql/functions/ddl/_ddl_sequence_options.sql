create or replace function freehold._ddl_sequence_options(
    type oid, start bigint, increment bigint, maximum bigint, minimum bigint, cache bigint, cycle boolean
)
returns text
language sql immutable
begin atomic
    select concat(
        case when increment <> 1 then ' increment by ' || increment end,
        case when minimum <> d.least then ' minvalue ' || minimum end,
        case when maximum <> d.most then ' maxvalue ' || maximum end,
        case when start <> case when increment > 0 then minimum else maximum end then ' start with ' || start end,
        case when cache <> 1 then ' cache ' || cache end,
        case when cycle then ' cycle' end
    )
    from (
        select
            case
                when increment > 0 then 1
                when type = 'smallint'::regtype then -32768
                when type = 'integer'::regtype then -2147483648
                else -9223372036854775808
            end as least,
            case
                when increment < 0 then -1
                when type = 'smallint'::regtype then 32767
                when type = 'integer'::regtype then 2147483647
                else 9223372036854775807
            end as most
    ) d;
end;

comment on function freehold._ddl_sequence_options(oid, bigint, bigint, bigint, bigint, bigint, boolean) is
'What a sequence has other than its type''s defaults, each with a blank before it.';
