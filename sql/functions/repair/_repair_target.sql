create or replace function freehold._repair_target(kind text, identity text) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_name constant text := '("(?:[^"]|"")+"|[^" ]+)';
    v_target text := identity;
    v_match text[];
begin
    if kind = 'acl' then
        v_target := left(identity, regexp_instr(freehold._repair_mask(identity), ' (to|from) [^ ]+( with grant option)?$') - 1);
    elsif kind in ('function', 'procedure', 'aggregate') then
        v_target := kind || ' ' || identity;
    elsif kind <> 'comment' then
        return case
            when kind in ('table', 'foreign table', 'view', 'materialized view', 'sequence', 'partition', 'inheritance', 'shape',
                          'materialized view rows', 'sequence owner', 'sequence persistence', 'replica identity', 'cluster',
                          'row security', 'audit') then 'relation '
            when kind in ('column', 'default', 'view default') then 'column '
            when kind in ('check', 'not null', 'valid constraint', 'primary key', 'unique', 'exclusion', 'foreign key')
                then 'constraint '
            when kind in ('type', 'domain', 'shell type') then 'type '
            when kind = 'domain check' then 'domain constraint '
            when kind in ('trigger state', 'rule state', 'statistics target', 'index partition', 'index column')
                then split_part(kind, ' ', 1) || ' '
            else kind || ' '
        end || case kind when 'index column' then regexp_replace(identity, '\.\d+$', '') else identity end;
    end if;
    v_match := regexp_match(v_target, format('^(constraint|trigger|rule|policy) %s on (domain )?%s$', c_name, c_name));
    if v_match is not null then
        return format('%s%s %s.%s', v_match[3], v_match[1], v_match[4], v_match[2]);
    end if;
    v_target := regexp_replace(v_target, '^(table|foreign table|view|materialized view|sequence) ', 'relation ');
    if v_target ~ '^(function|procedure|aggregate) ' then
        -- An aggregate goes by its arguments' order and kinds in COMMENT, by their types alone in GRANT.
        v_target := regexp_replace(v_target, '^(function|procedure|aggregate) ', 'routine ');
        return replace(replace(replace(replace(v_target, '(*)', '()'), '(ORDER BY ', '('), ' ORDER BY ', ','), ', ', ',');
    end if;
    return regexp_replace(v_target, '^domain (?!constraint)', 'type ');
end
$$;

comment on function freehold._repair_target(text, text) is
    'What a row of the deparser hangs on, alike for all its kinds: relation, column, routine, type, constraint, index and so on.';
