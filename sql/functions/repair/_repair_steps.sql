create or replace function freehold._repair_steps(ns oid, r freehold._repair_row, parent freehold._repair_row)
    returns setof freehold._repair_step
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_attached constant text[] := '{comment,acl,"trigger state","rule state",column,partition,inheritance,shape,default,'
        '"view default","sequence owner","sequence persistence","index partition","index column","statistics target",'
        '"replica identity",cluster,"row security","materialized view rows",publication,"default privileges",'
        '"valid constraint",audit,"text search mapping","operator family member","shell type"}'::text[];
    s freehold._repair_step;
    v_in_place text[];
    v_statement text;
begin
    s.kind := r.kind;
    s.identity := r.identity;
    s.target := r.target;
    s.loses := false;
    s.part := 20;
    s.change := case when r.actual is null then 'missing' when r.expected is null then 'extra' else 'different' end;
    if r.kind = 'table' and s.change = 'different' then
        return query select t.* from freehold._repair_table(ns, r, parent) as t;
        return;
    end if;
    if r.kind = 'default privileges'
        and not starts_with((coalesce(r.expected, r.actual))[1],
                            'alter default privileges for role ' || freehold._ddl_token('owner') || ' ') then
        s.stage := 9;
        s.statement := case when r.actual is null then r.expected[1] else freehold._repair_acl_undo(r.actual[1]) end;
        s.reason := 'they are another role''s';
        return next s;
        return;
    end if;
    if r.kind in ('publication', 'shell type', 'valid constraint', 'index partition', 'shape', 'operator family member',
                  'text search parser', 'text search template')
        and not (s.change = 'missing' and r.kind not in ('publication', 'shell type')) then
        s.stage := 9;
        s.statement := array_to_string(coalesce(r.expected, r.actual), E';\n');
        s.reason := case
            when r.kind = 'publication' then 'a publication is its owner''s to change'
            else 'no statement takes this back' end;
        return next s;
        return;
    end if;
    if s.change = 'different' then
        v_in_place := case
            when r.kind in ('function', 'procedure')
                and split_part(r.expected[1], E'\nlanguage ', 1) = split_part(r.actual[1], E'\nlanguage ', 1)
                then array[regexp_replace(r.expected[1], '^create ', 'create or replace ')]
            when r.kind = 'sequence' then array(select q.q from freehold._repair_sequence(r.identity, r.expected[1], r.actual[1]) as q)
            when r.kind = 'type' then freehold._repair_type(r.identity, r.expected[1], r.actual[1])
            when r.kind = 'domain' then freehold._repair_domain(r.identity, r.expected[1], r.actual[1])
            when r.kind in ('comment', 'trigger state', 'rule state', 'sequence owner', 'index column', 'statistics target',
                            'replica identity', 'cluster', 'view default', 'default', 'materialized view rows', 'audit') then r.expected
        end;
        if v_in_place is not null then
            s.stage := 3;
            s.place := r.expected_at;
            foreach v_statement in array v_in_place loop
                s.statement := v_statement;
                return next s;
            end loop;
            return;
        end if;
    end if;
    s.root := case when r.kind <> all (c_attached) and r.actual is not null then r.target end;
    if r.actual is not null then
        s.stage := 1;
        s.place := -r.actual_at;
        s.statement := freehold._repair_undo(ns, r.kind, r.identity, r.actual[1]);
        s.loses := r.kind = 'table' and freehold._repair_rows_held(to_regclass(format('%I.%s', ns::regnamespace::name, r.identity)));
        if s.statement is null then
            s.stage := 9;
            s.statement := array_to_string(r.actual, E';\n');
            s.reason := 'no statement takes this back';
        end if;
        return next s;
        s.loses := false;
        s.reason := null;
    end if;
    s.stage := 3;
    for v_number in 1 .. coalesce(cardinality(r.expected), 0) loop
        s.place := r.expected_places[v_number];
        s.statement := r.expected[v_number];
        return next s;
    end loop;
end
$$;

comment on function freehold._repair_steps(oid, freehold._repair_row, freehold._repair_row) is
    'The statements that lead one object from what it is to what it should be, without what depends on it.';
