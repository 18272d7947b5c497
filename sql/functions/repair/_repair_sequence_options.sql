create or replace function freehold._repair_sequence_options(options text, type text default null) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_option text[];
    v_given jsonb := '{}'::jsonb;
    v_descends boolean;
begin
    for v_option in
        select m from regexp_matches(options, '(increment by|minvalue|maxvalue|start with|cache) (-?\d+)', 'g') as m loop
        v_given := v_given || jsonb_build_object(v_option[1], v_option[2]);
    end loop;
    v_descends := v_given ->> 'increment by' like '-%';
    return concat(
        ' as ' || type,
        ' increment by ' || coalesce(v_given ->> 'increment by', '1'),
        coalesce(' minvalue ' || (v_given ->> 'minvalue'), ' no minvalue'),
        coalesce(' maxvalue ' || (v_given ->> 'maxvalue'), ' no maxvalue'),
        ' start with ' || coalesce(v_given ->> 'start with', v_given ->> case when v_descends then 'maxvalue' else 'minvalue' end,
                                   case when v_descends then '-1' else '1' end),
        ' cache ' || coalesce(v_given ->> 'cache', '1'),
        case when options ~ ' cycle$' then ' cycle' else ' no cycle' end);
end
$$;

comment on function freehold._repair_sequence_options(text, text) is
    'The options of a sequence for ALTER, those spelt out that CREATE leaves to their defaults.';
