-- security definer: the tables are the owner's. Touches: erasure_task, operation (read).
create or replace function freehold.erasure_task_list(slug text default null, eraser text default null, open boolean default null)
    returns table (operation_id bigint, tenant text, tenant_id uuid, task text, state text, attempts integer, worker text,
                   lease_until timestamptz, detail jsonb, reason text, until timestamptz, error_message text,
                   changed_at timestamptz, changed_by text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select t.operation_id, o.slug, t.tenant_id, t.eraser, t.state, t.attempts, t.worker, t.lease_until, t.detail, t.reason, t.until,
           t.error_message, t.changed_at, t.changed_by
    from freehold.erasure_task as t
    join freehold.operation as o on o.id = t.operation_id
    where (erasure_task_list.slug is null or o.slug = erasure_task_list.slug)
        and (erasure_task_list.eraser is null or t.eraser = erasure_task_list.eraser)
        and (erasure_task_list.open is null or erasure_task_list.open = (t.state not in ('done', 'excluded')))
    order by t.operation_id desc, t.eraser
$$;

comment on function freehold.erasure_task_list(text, text, boolean) is
    'What erasures need from outside the database: of one tenant, of one eraser, only what is open, or only what is not.';
