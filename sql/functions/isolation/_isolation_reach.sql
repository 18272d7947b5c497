-- Whose rights each subject has or can take, itself first: by memberships that freehold did not make. via is the role that it
-- has them from, undo what takes the first of the memberships back.
create or replace function freehold._isolation_reach()
    returns table (id oid, role_name name, kind text, slug text, ns oid, grantee oid, via name, undo text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive subject as materialized (
        select s.* from freehold._isolation_subject() as s
    ), edge as materialized (
        select m.*, freehold._membership_undo(m.roleid, m.member, m.grantor) as undo
        from freehold._isolation_member() as m
        where not m.expected
    ), walk (id, role, settable, undo) as (
        select s.id, s.id, true, null::text from subject as s
        union
        select w.id, e.roleid, e.admin or w.settable and e.sets, coalesce(w.undo, e.undo)
        from walk as w
        join edge as e on e.member = w.role
        where e.inherits or e.admin or w.settable and e.sets
    )
    select distinct on (w.id, w.role) s.id, s.role_name, s.kind, s.slug, s.ns, w.role,
           case when w.undo is not null then r.rolname end, w.undo
    from walk as w
    join subject as s on s.id = w.id
    left join pg_roles as r on r.oid = w.role
    order by w.id, w.role, w.undo nulls first
$$;
