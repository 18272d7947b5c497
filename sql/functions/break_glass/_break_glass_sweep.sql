-- The second step: sessions are ended, and once none is left the role goes, with what it owns and every membership, whoever granted it;
-- one that does not end is left to the next time. The row is locked, and the first step committed. Touches: break_glass (one row).
create or replace function freehold._break_glass_sweep(glass freehold.break_glass) returns freehold.break_glass
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_cell constant integer := (select t.cell from freehold.tenant as t where t.id = glass.tenant_id);
    v_role constant oid := to_regrole(quote_ident(glass.login));
begin
    if v_role is not null then
        -- What a transaction has seen of the sessions it sees for good.
        perform pg_stat_clear_snapshot();
        if exists (select from pg_stat_activity as a where a.usename = glass.login) then
            perform freehold._borrow_run(v_cell, array[v_role::regrole], format(
                'select pg_catalog.pg_terminate_backend(a.pid, 2000) from pg_catalog.pg_stat_activity as a where a.usename = %L',
                glass.login));
            perform pg_stat_clear_snapshot();
            if exists (select from pg_stat_activity as a where a.usename = glass.login) then
                return glass;
            end if;
        end if;
        perform freehold._borrow_run(v_cell, array[v_role::regrole], format('drop owned by %I', glass.login),
                                     format('drop role %I', glass.login));
        if to_regrole(quote_ident(glass.login)) is not null
            or exists (select from pg_auth_members as m where v_role in (m.member, m.roleid))
        then
            raise exception 'role "%" is still there, or a member of something', glass.login
                using errcode = 'FH501', detail = 'It was dropped; nothing was changed.';
        end if;
    end if;
    update freehold.break_glass as g
    set removed_at = freehold._now(), failure = null
    where g.id = glass.id
    returning * into glass;
    return glass;
end
$$;
