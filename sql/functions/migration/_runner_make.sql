-- Makes the runner of a home that has none, being of an earlier install, or having lost it. Others got theirs with their schema.
create or replace function freehold._runner_make(home freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._borrow_run(home.cell, array[quote_ident(home.owner_role)::regrole], freehold._runner_script(home));
end
$$;
