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
-- could be made in the middle of the statement.
--
-- A row is named with a star, and a variable goes before a column: a table may have columns of either name.
--
-- Old and new rows are filled in step; they are joined by their number, and by a full join, since a plan that was made for one row
-- must not be a nested loop over many. An update of one row has a plan without a join's cost. An update of many rows is planned
-- for its columns, which are then compared as they are stored: taking JSON apart costs several times as much. Strong random numbers
-- are dear on some servers; the session's generator was seeded with one, and nobody sees what it gives but as part of a digest.
create or replace function freehold._audit_body(home_id uuid) returns text
    language sql immutable security invoker
    return format($body$
#variable_conflict use_variable
declare
    c_many constant integer := 100;
    -- One key column, and nothing left out or masked.
    v_simple constant boolean := tg_argv[0] <> '' and tg_argv[2] = '{}' and tg_argv[3] = '{}';
    v_rows bigint;
    v_own boolean;
    v_context record;
begin
    if tg_op = 'INSERT' then
        if v_simple then
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, new, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())
                                        || xid8send(pg_current_xact_id())), 1, 16), 'hex')::uuid,
                   statement_timestamp(), tg_table_name, 'insert',
                   jsonb_build_object(tg_argv[0], r.j -> tg_argv[0]),
                   case when r.j ? tg_argv[0] then r.j else freehold_audit.stale(tg_relid) end,
                   coalesce(case when session_user::text like '%%\_bg\_%%' then freehold._break_glass_person(session_user) end,
                            nullif(current_setting('freehold.actor', true), ''), session_user), session_user,
                   nullif(current_setting('application_name'), ''), inet_client_addr(),
                   nullif(current_setting('freehold.request_id', true), '')
            from (
                select case when exists (select from pg_catalog.pg_depend as d
                                   where d.classid = 'pg_class'::regclass and d.objid = tg_relid and d.refclassid = 'pg_type'::regclass)
                            then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from new_rows as t
                offset 0) as r;
        elsif tg_argv[0] <> '' then
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, new, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'insert',
                   jsonb_build_object(tg_argv[0], r.j -> tg_argv[0]),
                   case when r.j ?& c.named then (r.j - c.exclude) || c.stars else freehold_audit.stale(tg_relid) end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select row_number() over () as i, case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from new_rows as t
                offset 0) as r;
        else
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, new, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'insert',
                   (select jsonb_object_agg(u, r.j -> u) from unnest(tg_argv[1]::text[]) as u),
                   case when r.j ?& c.named then (r.j - c.exclude) || c.stars else freehold_audit.stale(tg_relid) end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select row_number() over () as i, case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from new_rows as t
                offset 0) as r;
        end if;
    elsif tg_op = 'UPDATE' then
        select count(*), exists (select from pg_catalog.pg_depend as d
                                 where d.classid = 'pg_class'::regclass and d.objid = tg_relid and d.refclassid = 'pg_type'::regclass)
        into v_rows, v_own
        from (select from new_rows limit c_many + 1) as l;
        if v_rows = 1 then
            if v_simple then
                insert into freehold_audit.%1$I
                    (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
                select encode(substr(sha256(float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())
                                        || xid8send(pg_current_xact_id())), 1, 16), 'hex')::uuid,
                       statement_timestamp(), tg_table_name, 'update',
                       case when r.old ? tg_argv[0] then jsonb_build_object(tg_argv[0], r.old -> tg_argv[0])
                            else freehold_audit.stale(tg_relid) end,
                       case when d.old ? tg_argv[0] then r.old else d.old end,
                       case when d.old ? tg_argv[0] then r.new else d.new end,
                       coalesce(case when session_user::text like '%%\_bg\_%%' then freehold._break_glass_person(session_user) end,
                            nullif(current_setting('freehold.actor', true), ''), session_user), session_user,
                       nullif(current_setting('application_name'), ''), inet_client_addr(),
                       nullif(current_setting('freehold.request_id', true), '')
                from (
                    select case when v_own then freehold_audit.to_json(o.*) else to_jsonb(o.*) end as old,
                           case when v_own then freehold_audit.to_json(n.*) else to_jsonb(n.*) end as new
                    from old_rows as o cross join new_rows as n
                    offset 0) as r
                cross join lateral (
                    select jsonb_object_agg(e.key, e.value) as old, jsonb_object_agg(e.key, r.new -> e.key) as new
                    from jsonb_each(r.old) as e
                    where e.value is distinct from r.new -> e.key) as d
                where d.old is not null;
            elsif tg_argv[0] <> '' then
                insert into freehold_audit.%1$I
                    (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
                select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                               statement_timestamp(), tg_table_name, 'update', r.key,
                       case when r.moved then (r.old - c.exclude) || c.stars else d.old end,
                       case when r.moved then (r.new - c.exclude) || c.stars else d.new end,
                       c.actor, session_user, c.application, inet_client_addr(), c.request
                from %2$s as c
                cross join lateral (
                    select p.i, p.old, p.new, p.key,
                           p.key is distinct from jsonb_build_object(tg_argv[0], p.new -> tg_argv[0]) as moved
                    from (
                        select q.i, q.new, case when q.old ?& c.named then q.old else freehold_audit.stale(tg_relid) end as old,
                               jsonb_build_object(tg_argv[0], q.old -> tg_argv[0]) as key
                        from (
                            select 1::bigint as i, case when c.own then freehold_audit.to_json(o.*) else to_jsonb(o.*) end as old,
                                   case when c.own then freehold_audit.to_json(n.*) else to_jsonb(n.*) end as new
                            from old_rows as o cross join new_rows as n
                            offset 0) as q
                        offset 0) as p
                    offset 0) as r
                cross join lateral (
                    select jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else e.value end) as old,
                           jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else r.new -> e.key end) as new
                    from jsonb_each(r.old - c.exclude) as e
                    where e.value is distinct from r.new -> e.key) as d
                where d.old is not null;
            else
                insert into freehold_audit.%1$I
                    (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
                select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                               statement_timestamp(), tg_table_name, 'update', r.key,
                       case when r.moved then (r.old - c.exclude) || c.stars else d.old end,
                       case when r.moved then (r.new - c.exclude) || c.stars else d.new end,
                       c.actor, session_user, c.application, inet_client_addr(), c.request
                from %2$s as c
                cross join lateral (
                    select p.i, p.old, p.new, p.key,
                           p.key is distinct from (select jsonb_object_agg(u, p.new -> u) from unnest(tg_argv[1]::text[]) as u) as moved
                    from (
                        select q.i, q.new, case when q.old ?& c.named then q.old else freehold_audit.stale(tg_relid) end as old,
                               (select jsonb_object_agg(u, q.old -> u) from unnest(tg_argv[1]::text[]) as u) as key
                        from (
                            select 1::bigint as i, case when c.own then freehold_audit.to_json(o.*) else to_jsonb(o.*) end as old,
                                   case when c.own then freehold_audit.to_json(n.*) else to_jsonb(n.*) end as new
                            from old_rows as o cross join new_rows as n
                            offset 0) as q
                        offset 0) as p
                    offset 0) as r
                cross join lateral (
                    select jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else e.value end) as old,
                           jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else r.new -> e.key end) as new
                    from jsonb_each(r.old - c.exclude) as e
                    where e.value is distinct from r.new -> e.key) as d
                where d.old is not null;
            end if;
            return null;
        end if;
        if v_rows > c_many then
            select c.*, (select count(*) from pg_catalog.pg_attribute as a
                         where a.attrelid = tg_relid and a.attname = any (c.named) and not a.attisdropped) as found
            into v_context
            from %2$s as c;
            if not v_context.own then
                if v_context.found < cardinality(v_context.named) then
                    perform freehold_audit.stale(tg_relid);
                end if;
                execute (
                    select format(
                        'insert into freehold_audit.%1$I
                             (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
                         select encode(substr(sha256($1 || int8send(r.i)), 1, 16), ''hex'')::uuid,
                                statement_timestamp(), $2, ''update'', %%s, %%s, %%s,
                                $3, session_user, $4, inet_client_addr(), $5
                         from (
                             select o.i, %%s, %%s as moved
                             from (select row_number() over () as i, %%s from old_rows as t) as o
                             full join (select row_number() over () as i, %%s from new_rows as t) as n on n.i = o.i
                             where not record_image_eq(row(%%s), row(%%s))
                             offset 0) as r',
                        string_agg(format('jsonb_build_object(%%L, r.o%%s)', c.name, c.n), ' || ' order by c.n) filter (where c.keyed),
                        string_agg(format('case when r.s%%1$s and not r.moved then ''{}'' else jsonb_build_object(%%2$L, %%3$s) end',
                                          c.n, c.name, case when c.masked then '''***''::text' else 'r.o' || c.n end), ' || ' order by c.n),
                        string_agg(format('case when r.s%%1$s and not r.moved then ''{}'' else jsonb_build_object(%%2$L, %%3$s) end',
                                          c.n, c.name, case when c.masked then '''***''::text' else 'r.n' || c.n end), ' || ' order by c.n),
                        string_agg(format('o.c%%1$s as o%%1$s, n.c%%1$s as n%%1$s, '
                                          'record_image_eq(row(o.c%%1$s), row(n.c%%1$s)) as s%%1$s', c.n), ', ' order by c.n),
                        format('not record_image_eq(row(%%s), row(%%s))',
                               string_agg('o.c' || c.n, ', ' order by c.n) filter (where c.keyed),
                               string_agg('n.c' || c.n, ', ' order by c.n) filter (where c.keyed)),
                        string_agg(format('t.%%I as c%%s', c.name, c.n), ', ' order by c.n),
                        string_agg(format('t.%%I as c%%s', c.name, c.n), ', ' order by c.n),
                        string_agg('o.c' || c.n, ', ' order by c.n), string_agg('n.c' || c.n, ', ' order by c.n))
                    from (
                        select a.attname as name, a.attnum as n, a.attname = any (tg_argv[1]::text[]) as keyed,
                               v_context.stars ? a.attname as masked
                        from pg_catalog.pg_attribute as a
                        where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped
                            and a.attname <> all (v_context.exclude)) as c)
                using v_context.salt, tg_table_name, v_context.actor, v_context.application, v_context.request;
                return null;
            end if;
        end if;
        if tg_argv[0] <> '' then
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'update', r.key,
                   case when r.moved then (r.old - c.exclude) || c.stars else d.old end,
                   case when r.moved then (r.new - c.exclude) || c.stars else d.new end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select p.i, p.old, p.new, p.key,
                       p.key is distinct from jsonb_build_object(tg_argv[0], p.new -> tg_argv[0]) as moved
                from (
                    select q.i, q.new, case when q.old ?& c.named then q.old else freehold_audit.stale(tg_relid) end as old,
                           jsonb_build_object(tg_argv[0], q.old -> tg_argv[0]) as key
                    from (
                        select o.i, o.j as old,
                               n.j as new
                        from (
                            select row_number() over () as i,
                                   case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                            from old_rows as t) as o
                        full join (
                            select row_number() over () as i,
                                   case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                            from new_rows as t) as n on n.i = o.i
                        offset 0) as q
                    offset 0) as p
                offset 0) as r
            cross join lateral (
                select jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else e.value end) as old,
                       jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else r.new -> e.key end) as new
                from jsonb_each(r.old - c.exclude) as e
                where e.value is distinct from r.new -> e.key) as d
            where d.old is not null;
        else
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, old, new, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'update', r.key,
                   case when r.moved then (r.old - c.exclude) || c.stars else d.old end,
                   case when r.moved then (r.new - c.exclude) || c.stars else d.new end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select p.i, p.old, p.new, p.key,
                       p.key is distinct from (select jsonb_object_agg(u, p.new -> u) from unnest(tg_argv[1]::text[]) as u) as moved
                from (
                    select q.i, q.new, case when q.old ?& c.named then q.old else freehold_audit.stale(tg_relid) end as old,
                           (select jsonb_object_agg(u, q.old -> u) from unnest(tg_argv[1]::text[]) as u) as key
                    from (
                        select o.i, o.j as old,
                               n.j as new
                        from (
                            select row_number() over () as i,
                                   case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                            from old_rows as t) as o
                        full join (
                            select row_number() over () as i,
                                   case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                            from new_rows as t) as n on n.i = o.i
                        offset 0) as q
                    offset 0) as p
                offset 0) as r
            cross join lateral (
                select jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else e.value end) as old,
                       jsonb_object_agg(e.key, case when c.stars ? e.key then c.stars -> e.key else r.new -> e.key end) as new
                from jsonb_each(r.old - c.exclude) as e
                where e.value is distinct from r.new -> e.key) as d
            where d.old is not null;
        end if;
    elsif tg_op = 'DELETE' then
        if v_simple then
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, old, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())
                                        || xid8send(pg_current_xact_id())), 1, 16), 'hex')::uuid,
                   statement_timestamp(), tg_table_name, 'delete',
                   jsonb_build_object(tg_argv[0], r.j -> tg_argv[0]),
                   case when r.j ? tg_argv[0] then r.j else freehold_audit.stale(tg_relid) end,
                   coalesce(case when session_user::text like '%%\_bg\_%%' then freehold._break_glass_person(session_user) end,
                            nullif(current_setting('freehold.actor', true), ''), session_user), session_user,
                   nullif(current_setting('application_name'), ''), inet_client_addr(),
                   nullif(current_setting('freehold.request_id', true), '')
            from (
                select case when exists (select from pg_catalog.pg_depend as d
                                   where d.classid = 'pg_class'::regclass and d.objid = tg_relid and d.refclassid = 'pg_type'::regclass)
                            then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from old_rows as t
                offset 0) as r;
        elsif tg_argv[0] <> '' then
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, old, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'delete',
                   jsonb_build_object(tg_argv[0], r.j -> tg_argv[0]),
                   case when r.j ?& c.named then (r.j - c.exclude) || c.stars else freehold_audit.stale(tg_relid) end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select row_number() over () as i, case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from old_rows as t
                offset 0) as r;
        else
            insert into freehold_audit.%1$I
                (entry_id, at, table_name, action, key, old, actor, login, application_name, client_address, request_id)
            select encode(substr(sha256(c.salt || int8send(r.i)), 1, 16), 'hex')::uuid,
                           statement_timestamp(), tg_table_name, 'delete',
                   (select jsonb_object_agg(u, r.j -> u) from unnest(tg_argv[1]::text[]) as u),
                   case when r.j ?& c.named then (r.j - c.exclude) || c.stars else freehold_audit.stale(tg_relid) end,
                   c.actor, session_user, c.application, inet_client_addr(), c.request
            from %2$s as c
            cross join lateral (
                select row_number() over () as i, case when c.own then freehold_audit.to_json(t.*) else to_jsonb(t.*) end as j
                from old_rows as t
                offset 0) as r;
        end if;
    else
        insert into freehold_audit.%1$I (at, table_name, action, actor, login, application_name, client_address, request_id)
        select statement_timestamp(), tg_table_name, 'truncate',
               c.actor, session_user, c.application, inet_client_addr(), c.request
        from %2$s as c;
    end if;
    return null;
end
$body$, freehold._audit_name(home_id), $context$(
            select tg_argv[2]::text[] as exclude, tg_argv[3]::jsonb as stars, tg_argv[4]::text[] as named,
                   coalesce(case when session_user::text like '%\_bg\_%' then freehold._break_glass_person(session_user) end,
                            nullif(current_setting('freehold.actor', true), ''), session_user) as actor,
                   nullif(current_setting('application_name'), '') as application,
                   nullif(current_setting('freehold.request_id', true), '') as request,
                   float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())
                   || xid8send(pg_current_xact_id()) as salt,
                   exists (select from pg_catalog.pg_depend as d
                           where d.classid = 'pg_class'::regclass and d.objid = tg_relid and d.refclassid = 'pg_type'::regclass) as own
            offset 0)$context$);
