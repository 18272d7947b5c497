-- Gives back what cells, gates and tenants should hold and somebody took; nothing to those who are suspended or retired.
-- Locks: tenant, in share mode, so that nobody is suspended between the question and the grant.
create or replace function freehold._grant_repair() returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_missing record;
    v_repaired boolean;
    v_left text;
begin
    lock table freehold.tenant in share mode;
    for v_missing in select m.statement from freehold._cell_grant_missing() as m loop
        perform freehold._cell_run(0, v_missing.statement);
    end loop;
    v_repaired := found;
    for v_missing in select m.cell, m.statement, m.borrowed from freehold._tenant_grant_missing() as m loop
        perform freehold._cell_run(v_missing.cell, v_missing.statement);
        if v_missing.borrowed is not null then
            perform freehold._membership_assert(array[quote_ident(v_missing.borrowed)::regrole],
                                                freehold._cell_name(freehold._role('cell_'), v_missing.cell));
        end if;
    end loop;
    -- A GRANT that did nothing reports success.
    if v_repaired or found then
        select string_agg(m.statement, E'\n') into v_left
        from (select c.statement from freehold._cell_grant_missing() as c
              union all select t.statement from freehold._tenant_grant_missing() as t) as m;
    end if;
    if v_left is not null then
        raise exception 'grants that are missing could not be given' using errcode = 'FH501', detail = v_left;
    end if;
end
$$;
