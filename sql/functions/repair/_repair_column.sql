-- A partition has its columns and their types from its parent.
create or replace function freehold._repair_column(
    name text, expected text, actual text, attached boolean
) returns table (statement text, root text, loses boolean, reason text)
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    e constant record := freehold._repair_column_parts(expected);
    a constant record := freehold._repair_column_parts(actual);
    v_alter constant text := format('alter table %s alter column %s ', name, e.name);
    v_only constant text := format('alter table only %s alter column %s ', name, e.name);
    v_retyped constant boolean := e.type <> a.type and not attached;
    v_identity text;
begin
    root := 'column type ' || name || '.' || e.name;
    loses := false;
    if v_retyped then
        loses := freehold._repair_retype_loses(e.type, a.type);
        if a.default_value is not null then
            statement := v_alter || 'drop default';
            return next;
        end if;
        statement := concat(v_alter, 'type ', e.type,
                            case when loses then format(' using %s::%s', e.name, split_part(e.type, ' collate ', 1)) end);
        return next;
    end if;
    root := null;
    loses := false;
    if a.default_value is not null and e.default_value is null and not v_retyped then
        statement := v_only || 'drop default';
        return next;
    end if;
    if e.generated is distinct from a.generated then
        if e.generated is null then
            statement := v_only || 'drop expression';
        elsif a.generated is not null and right(e.generated, 7) = right(a.generated, 7)
            and current_setting('server_version_num')::integer >= 170000 then
            statement := v_only || 'set expression as '
                || regexp_replace(substr(e.generated, length('generated always as ') + 1), ' (stored|virtual)$', '');
        else
            statement := v_alter || 'add ' || e.generated;
            reason := 'a column cannot become a generated one: drop and add it';
        end if;
        return next;
        reason := null;
    end if;
    if a.not_null is distinct from e.not_null then
        statement := case
            when e.not_null is null then v_alter || 'drop not null'
            when a.not_null is null and e.not_null like 'constraint %' then
                format('alter table %s add %s', name, replace(e.not_null, ' not null', ' not null ' || e.name))
            when a.not_null is null then v_alter || 'set not null'
            when e.not_null like '% no inherit' and a.not_null not like '% no inherit'
                or a.not_null like '% no inherit' and e.not_null not like '% no inherit' then
                format('alter table %s alter constraint %s %s', name, substring(a.not_null, '^constraint (.*) not null'),
                       case when e.not_null like '% no inherit' then 'no inherit' else 'inherit' end)
            else format('alter table %s rename constraint %s to %s', name,
                        substring(a.not_null, '^constraint (.*) not null'), substring(e.not_null, '^constraint (.*) not null'))
        end;
        return next;
    end if;
    for v_identity in
        select i.i
        from freehold._repair_identity(name, e.name, e.identity, a.identity) as i
        where e.identity is distinct from a.identity
    loop
        statement := v_identity;
        return next;
    end loop;
    if e.default_value is not null and (e.default_value is distinct from a.default_value or v_retyped) then
        statement := v_only || 'set default ' || e.default_value;
        return next;
    end if;
    if e.type <> a.type and attached then
        statement := v_alter || 'type ' || e.type;
        reason := 'the column is its parent''s';
        return next;
    end if;
end
$$;

comment on function freehold._repair_column(text, text, text, boolean) is
    'What leads from one column of a table to another of the same name.';
