-- Each query is planned under the pinned path and run, through an open cursor, under another, so that its plan is kept
-- from one schema to the next, until one is made or dropped. All kinds of a group are inlined into one plan, and groups of which
-- the schema has nothing are not planned; SCROLL, since without it every FETCH walks the whole plan to shut it down. What a
-- session can set must not change the text. Rules that the safety of this rests on:
--   every function called there has an SQL-standard body, bound when it was made: no name is looked up while it runs;
--   pg_get_viewdef and pg_get_ruledef are the exception: they run a query whose "=" is looked up on the path, so views,
--   materialised views and rules are deparsed with pg_catalog first;
--   between set_config and the end nothing here has a name to look up either, unless it is qualified with pg_catalog.
create or replace function freehold._schema_ddl(ns regnamespace, target text default null, roles jsonb default '{}')
returns table (ordinal integer, phase text, kind text, identity text, ddl text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set cursor_tuple_fraction = 1.0
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
set lc_monetary = 'C'
set quote_all_identifiers = off
set standard_conforming_strings = on
as $$
declare
    v_ns constant oid := ns;
    v_order record;
    v_prefix constant text := ns::text || '.';
    v_hiding constant boolean := freehold._ddl_hiding(v_ns);
    v_part freehold._ddl_part;
    v_parts freehold._ddl_part[] := array[]::freehold._ddl_part[];
    v_groups constant text[] := freehold._ddl_group(v_ns);
    v_group text;
    c_group refcursor;
    c_part scroll cursor for
        select
            row_number() over (order by o.phase, o.place, o.step, o.identity collate "C", p.kind, p.ddl collate "C")::integer,
            case o.phase when 1 then 'pre' when 2 then 'data' else 'post' end,
            p.kind,
            p.identity,
            case
                when p.kind in (
                    'function', 'procedure', 'comment', 'acl', 'rows', 'sequence value', 'default privileges',
                    'view', 'materialized view', 'rule')
                    then p.ddl
                when p.kind = 'publication' or position(v_prefix in p.ddl) = 0 and position('::reg' in p.ddl) = 0
                    then case when freehold._ddl_inexact(p.ddl) then freehold._ddl_exact(p.ddl) else p.ddl end
                else freehold._ddl_bare(v_ns, case when freehold._ddl_inexact(p.ddl) then freehold._ddl_exact(p.ddl) else p.ddl end)
            end
        from unnest(v_parts) p
        cross join lateral (
            select
                case
                    when p.phase = 'pre' or (p.rank = 100 and p.objid = any (v_order.early)) then 1
                    when p.phase = 'data' then 2
                    else 3
                end,
                coalesce((v_order.level ->> (p.classid::text || '.' || p.objid::text))::integer, freehold._ddl_floor(p.rank))
        ) f (phase, level)
        cross join lateral (
            select
                f.phase,
                case f.phase when 1 then f.level else p.rank end,
                case f.phase when 1 then p.rank else f.level end,
                p.identity
        ) o (phase, place, step, identity);
begin
    if not exists (select from pg_namespace n where n.oid = v_ns) then
        raise exception 'no schema with oid %', v_ns using errcode = 'FH106';
    end if;
    -- A schema that the role may not use is not on its path: every name would come out qualified.
    if not has_schema_privilege(v_ns, 'usage') then
        raise exception 'role "%" may not look into schema %', current_user, ns
            using errcode = 'FH303', hint = format('As its owner: grant usage on schema %s to %I.', ns, current_user);
    end if;
    select o.apart, o.level, coalesce(o.early, '{}') as early, o.circle into v_order from freehold._ddl_order(v_ns) o;
    if v_order.circle is not null then
        raise exception 'objects of schema % need each other in a circle', ns
            using errcode = 'FH006', detail = freehold._ddl_circle_text(v_order.circle);
    end if;
    perform set_config('freehold.ddl_schema', coalesce(target, ns::text), true);
    perform set_config('freehold.ddl_roles', coalesce(roles, '{}')::text, true);
    perform set_config(
        'freehold.ddl_apart',
        coalesce((select string_agg(format(' %s.%s ', 'pg_constraint'::regclass::oid, u.a), '') from unnest(v_order.apart) u (a)), ''),
        true);

    perform set_config('freehold.ddl_descent', '', true);
    if 'rare' = any (v_groups) then
        perform set_config(
            'freehold.ddl_descent',
            (select jsonb_agg(to_jsonb(d)) from freehold._ddl_descent_find(v_ns) d)::text,
            true);
    end if;

    -- A name of their own, or a call inside a call would meet the outer one's cursors (15).
    c_part := null;
    foreach v_group in array v_groups loop
        c_group := null;
        case v_group
            when 'plain' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_plain(v_ns) p;
            when 'relational' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_relational(v_ns) p;
            when 'typed' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_typed(v_ns) p;
            when 'flagged' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_flagged(v_ns) p;
            when 'audit' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_audit(v_ns) p;
            when 'comment' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_comment(v_ns) p;
            when 'publication' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_publication(v_ns) p;
            when 'rare' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_rare(v_ns) p;
            when 'query' then
                open c_group scroll for
                    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity,
                           freehold._ddl_query_ddl(v_ns, p.kind, p.ddl, v_hiding)
                    from freehold._ddl_query(v_ns) p;
        end case;
        perform set_config(
            'search_path', format(case v_group when 'query' then 'pg_catalog, %s, pg_temp' else '%s, pg_catalog, pg_temp' end, ns), true);
        loop
            fetch c_group into v_part;
            exit when not found;
            v_parts := pg_catalog.array_append(v_parts, v_part);
        end loop;
        close c_group;
        perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    end loop;

    open c_part;
    perform set_config('search_path', format('%s, pg_catalog, pg_temp', ns), true);
    loop
        fetch c_part into ordinal, phase, kind, identity, ddl;
        exit when not found;
        return next;
    end loop;
    close c_part;
end
$$;

comment on function freehold._schema_ddl(regnamespace, text, jsonb) is
    'The DDL of a schema as ordered statements, with the schema and its roles printed as told: target is the text for the '
    'schema, roles maps role names to text; both already quoted.';
