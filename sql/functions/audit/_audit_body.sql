-- The body of the function that writes a home's log. It is one for all its tables, and PL/pgSQL keeps plans by trigger, so that
-- a row costs no planning: the function is to be made with plan_cache_mode = force_generic_plan; and with extra_float_digits = 1, as
-- numbers that a session has shortened would all look alike, and a change like none. Arguments of a trigger: the key
-- column, empty where there are several; key columns; columns that are left out; what stands for columns that are masked, as an
-- object; all of those.
--
-- It runs as the owner of all logs over rows of a schema that is not trusted. So every name is qualified, and no function of a
-- tenant's may run in here. There is one way in: a value of an enum or range becomes JSON by a cast that its schema made. Where
-- a table depends on a type of somebody's own, rows become JSON in a function whose owner may do nothing. The lock that the statement
-- holds keeps columns as they are, and nothing but such a type leads to a cast; whether there is one cannot be asked, as it
-- could be made in the middle of the statement. Nor can columns, in a transaction that keeps the snapshot it began with: columns that
-- came since are there and not seen. There rows become JSON that way too, and no statement is made for them.
--
-- A row is named with a star, and a variable goes before a column: a table may have columns of either name.
--
-- What a single row costs is the start of each statement, by the number of its nodes and functions. So where a table has one key column
-- and nothing is left out or masked, a row is read, compared and written by one statement, before anything else is computed. What it
-- does not record goes the long way: a person who broke the glass, an update that changes nothing or the key, a key that was renamed.
-- Of an insert or delete of several rows it records the first few, mostly all; of an update of several, none. It names no volatile
-- function, or there would be one more node for all columns: the entry's id is the log's default. Who did it is taken as the session
-- has it; what that means is told when it is read, by _audit_source().
--
-- Old and new rows are filled in step; they are joined by their number, and by a full join, since a plan that was made for few rows must
-- not be a nested loop over many. An update of many rows is planned for its columns. Their entries' ids share a salt, made as the
-- log's default is.
create or replace function freehold._audit_body(home_id uuid) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $function$
declare
    c_key constant text[] := array['jsonb_build_object(v_column, # -> v_column)',
                                   '(select jsonb_object_agg(u, # -> u) from unnest(tg_argv[1]::text[]) as u)'];
    c_json constant text := 'case when v_own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end';
    c_own constant text := $sql$current_setting('transaction_isolation') <> 'read committed' or exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = tg_relid and d.refclassid = 'pg_type'::regclass)$sql$;
    c_few constant text := '8';
    c_salt constant text := 'float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())';
    c_entry constant text := 'statement_timestamp(), tg_table_name';
    c_entries constant text := $sql$encode(substr(sha256(v_salt || float8send(random())), 1, 16), 'hex')::uuid, $sql$ || c_entry;
    c_by constant text := 'v_actor, session_user, v_application, inet_client_addr(), v_request';
    c_by_one constant text := $sql$coalesce(current_setting('freehold.actor', true), ''), session_user,
                current_setting('application_name'), inet_client_addr(), current_setting('freehold.request_id', true)$sql$;
    c_whole constant text := '(# - v_exclude) || v_stars';
    c_columns constant text :=
        'at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id';
    -- What of a row changed, before and after.
    c_changes constant text := $sql$(
                select jsonb_object_agg(e.key, case when v_stars ? e.key then v_stars -> e.key else e.value end) as old,
                       jsonb_object_agg(e.key, case when v_stars ? e.key then v_stars -> e.key else {new} -> e.key end) as new
                from jsonb_each({old} - v_exclude) as e
                where e.value is distinct from {new} -> e.key)$sql$;
    c_row constant text := $sql$
            insert into freehold_audit.{log} (entry_id, {columns})
            select {entries}, '{event}', {key}, {old}, {new}, {by}
            from (select case when r.j ?& v_named then r.j else freehold_audit.stale(tg_relid) end as j
                  from (select {json} as j from {rows} as t offset v_done) as r
                  offset 0) as r;$sql$;
    -- One row of a table with one key column, of which all is recorded; or a few.
    c_row_one constant text := $sql$
            insert into freehold_audit.{log} ({columns})
            select {entry}, '{event}', jsonb_build_object(v_column, r.j -> v_column), {old}, {new}, {by one}
            from (select freehold_audit.to_json(t.*) as j from {rows} as t limit {few}) as r
            where r.j ? v_column;$sql$;
    c_pair_one constant text := $sql$
            insert into freehold_audit.{log} ({columns})
            select {entry}, 'update', jsonb_build_object(v_column, r.old -> v_column), r.old - r.same, r.new - r.same, {by one}
            from (select o.j as old, n.j as new,
                         array(select e.k from (select jsonb_object_keys(o.j) as k offset 0) as e where o.j -> e.k = n.j -> e.k) as same
                  from (select freehold_audit.to_json(t.*) as j from old_rows as t offset 0) as o
                  cross join (select freehold_audit.to_json(t.*) as j from new_rows as t offset 0) as n
                  where (select true from new_rows offset 1 limit 1) is null
                  offset 0) as r
            where v_column = any (r.same) and r.old <> r.new;$sql$;
    c_pairs constant text := $sql$
            insert into freehold_audit.{log} (entry_id, {columns})
            select {entries}, 'update', r.key, case when r.moved then {whole old} else c.old end,
                   case when r.moved then {whole new} else c.new end, {by}
            from (
                select p.old, p.new, p.key, p.key is distinct from {new key} as moved
                from (
                    select q.new, case when q.old ?& v_named then q.old else freehold_audit.stale(tg_relid) end as old,
                           {old key} as key
                    from (
                        select o.j as old, n.j as new
                        from (select row_number() over () as i, {json} as j from old_rows as t) as o
                        full join (select row_number() over () as i, {json} as j from new_rows as t) as n on n.i = o.i
                        offset 0) as q
                    offset 0) as p
                offset 0) as r
            cross join lateral {changes} as c
            where c.old is not null;$sql$;
    v_body text := $body$
#variable_conflict use_variable
declare
    v_column constant text := tg_argv[0];
    v_done integer;
    v_old jsonb;
    v_new jsonb;
    v_row jsonb;
    v_several boolean;
begin
    if tg_argv[4] = tg_argv[1] and v_column <> '' and session_user not like '%\_bg\_%' then
        if tg_op = 'UPDATE' then{update one}
            if found then
                return null;
            end if;
        else
            if tg_op = 'INSERT' then{insert one}
            elsif tg_op = 'DELETE' then{delete one}
            end if;
            get diagnostics v_done = row_count;
            if v_done > 0 and v_done < {few} then
                return null;
            end if;
        end if;
    end if;

    if v_done > 0 then
        v_several := true;
    elsif tg_op <> 'TRUNCATE' then
        if tg_op = 'INSERT' then
            select (select true from new_rows offset 1 limit 1), (select freehold_audit.to_json(t.*) from new_rows as t limit 1)
            into v_several, v_new;
        elsif tg_op = 'DELETE' then
            select (select true from old_rows offset 1 limit 1), (select freehold_audit.to_json(t.*) from old_rows as t limit 1)
            into v_several, v_old;
        else
            select (select true from new_rows offset 1 limit 1), (select freehold_audit.to_json(t.*) from old_rows as t limit 1),
                   (select freehold_audit.to_json(t.*) from new_rows as t limit 1)
            into v_several, v_old, v_new;
        end if;
        v_row := coalesce(v_old, v_new);
        if v_row is null then
            return null;
        elsif not v_row ?& tg_argv[4]::text[] then
            perform freehold_audit.stale(tg_relid);
        elsif v_several is null and v_old = v_new then
            return null;
        end if;
    end if;

    declare
        c_many constant integer := 100;
        v_exclude constant text[] := tg_argv[2];
        v_stars constant jsonb := tg_argv[3];
        v_named constant text[] := tg_argv[4];
        v_actor constant text := coalesce(
            case when session_user::text like '%\_bg\_%' then freehold._break_glass_person(session_user) end,
            nullif(current_setting('freehold.actor', true), ''), session_user);
        v_application constant text := nullif(current_setting('application_name'), '');
        v_request constant text := nullif(current_setting('freehold.request_id', true), '');
        v_key jsonb;
        v_moved boolean;
        v_own boolean;
        v_salt bytea;
    begin
        if tg_op = 'TRUNCATE' then
            insert into freehold_audit.{log} ({columns}) values ({entry}, 'truncate', null, null, null, {by});
            return null;
        end if;

        if v_several is null then
            if v_column <> '' then
                v_key := jsonb_build_object(v_column, v_row -> v_column);
                v_moved := v_old -> v_column is distinct from v_new -> v_column;
            else
                select jsonb_object_agg(u, v_row -> u), bool_or(v_old -> u is distinct from v_new -> u) into v_key, v_moved
                from unnest(tg_argv[1]::text[]) as u;
            end if;
            if v_moved then
                v_old := (v_old - v_exclude) || v_stars;
                v_new := (v_new - v_exclude) || v_stars;
            else
                select c.old, c.new into v_old, v_new from {changes one} as c;
                if v_old is null then
                    return null;
                end if;
            end if;
            insert into freehold_audit.{log} ({columns}) values ({entry}, lower(tg_op), v_key, v_old, v_new, {by});
            return null;
        end if;

        v_own := {own};
        v_salt := {salt};
        if tg_op = 'INSERT' then
            if v_column <> '' then{insert 1}
            else{insert 2}
            end if;
        elsif tg_op = 'DELETE' then
            if v_column <> '' then{delete 1}
            else{delete 2}
            end if;
        elsif not v_own and (select count(*) from (select from new_rows limit c_many + 1) as l) > c_many then
            execute freehold_audit.update_script('{log}', tg_relid, tg_argv[1]::text[], v_exclude, v_stars)
            using v_salt, tg_table_name, v_actor, v_application, v_request;
        elsif v_column <> '' then{update 1}
        else{update 2}
        end if;
        return null;
    end;
end
$body$;
    v_way record;
begin
    for v_way in select k.ordinality as n, k.key from unnest(c_key) with ordinality as k (key, ordinality) loop
        v_body := replace(v_body, format('{insert %s}', v_way.n), replace(replace(replace(replace(replace(c_row,
            '{event}', 'insert'), '{key}', replace(v_way.key, '#', 'r.j')), '{old}', 'null::jsonb'),
            '{new}', replace(c_whole, '#', 'r.j')), '{rows}', 'new_rows'));
        v_body := replace(v_body, format('{delete %s}', v_way.n), replace(replace(replace(replace(replace(c_row,
            '{event}', 'delete'), '{key}', replace(v_way.key, '#', 'r.j')), '{new}', 'null::jsonb'),
            '{old}', replace(c_whole, '#', 'r.j')), '{rows}', 'old_rows'));
        v_body := replace(v_body, format('{update %s}', v_way.n), replace(replace(replace(replace(replace(c_pairs,
            '{old key}', replace(v_way.key, '#', 'q.old')), '{new key}', replace(v_way.key, '#', 'p.new')),
            '{whole old}', replace(c_whole, '#', 'r.old')), '{whole new}', replace(c_whole, '#', 'r.new')),
            '{changes}', replace(replace(c_changes, '{old}', 'r.old'), '{new}', 'r.new')));
    end loop;
    for v_way in
        select * from (values ('insert', 'new_rows', 'null', 'r.j'), ('delete', 'old_rows', 'r.j', 'null')) as w (event, rows, old, new)
    loop
        v_body := replace(v_body, format('{%s one}', v_way.event), replace(replace(replace(replace(c_row_one,
            '{event}', v_way.event), '{rows}', v_way.rows), '{old}', v_way.old), '{new}', v_way.new));
    end loop;
    v_body := replace(replace(v_body, '{update one}', c_pair_one), '{by one}', c_by_one);
    v_body := replace(v_body, '{changes one}', replace(replace(c_changes, '{old}', 'v_old'), '{new}', 'v_new'));
    v_body := replace(v_body, '{json}', c_json);
    v_body := replace(replace(replace(replace(v_body, '{own}', c_own), '{entry}', c_entry), '{by}', c_by), '{columns}', c_columns);
    v_body := replace(replace(replace(v_body, '{entries}', c_entries), '{salt}', c_salt), '{few}', c_few);
    return replace(v_body, '{log}', quote_ident(freehold._audit_name(home_id)));
end
$function$;
