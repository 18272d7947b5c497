-- Opens the next cell: its provisioner and gate, its definer function, its row, and what the two should hold.
-- Touches: cell (one row; exclusive lock, so that two callers open one after the other).
create or replace function freehold._cell_open() returns integer
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_number integer;
    v_cell name;
    v_gate name;
    v_owner constant name := freehold._role('owner');
    v_function regprocedure;
begin
    lock table freehold.cell in share row exclusive mode;
    select coalesce(max(c.number), 0) + 1 into v_number from freehold.cell as c;
    v_cell := freehold._cell_name(freehold._role('cell_'), v_number);
    v_gate := freehold._cell_name(freehold._role('gate_'), v_number);
    -- Roles outlive a database that was dropped without an uninstall; they are this installation's by their prefix.
    if to_regrole(quote_ident(v_cell)) is null then
        perform freehold._cell_run(0, format('create role %I nologin createrole', v_cell));
    end if;
    if to_regrole(quote_ident(v_gate)) is null then
        perform freehold._cell_run(0, format('create role %I nologin noinherit', v_gate));
    end if;
    perform freehold._cell_run(0, format('grant %I to %I%s', v_cell, v_owner, freehold._membership(true, true)));
    perform freehold._cell_function(v_number);
    perform freehold._cell_run(0, format('revoke %I from %I', v_cell, v_owner));
    perform freehold._membership_assert(array[quote_ident(v_cell)::regrole], v_owner);
    insert into freehold.cell (number, role_name, gate_name, opened_at)
    values (v_number, v_cell, v_gate, freehold._now());
    perform freehold._cell_run(0, m.statement) from freehold._cell_grant_missing() as m;
    execute format('grant usage on schema freehold to %I', v_gate);
    execute format('grant usage, create on schema freehold_runner to %I', v_cell);
    for v_function in
        select g.object::regprocedure from freehold._grant_declared() as g where g.role_name = v_gate and g.object_kind <> 'schema'
    loop
        execute format('grant execute on routine %s to %I', v_function, v_gate);
    end loop;
    return v_number;
end
$$;
