-- security definer: the tables are the owner's. Touches: rollup, event (one row each), rollup_tenant (deletes).
create or replace function freehold.rollup_drop(name text, reason text default null) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from freehold.rollup as r where r.name = rollup_drop.name;
    if not found then
        raise exception 'no rollup is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH170', hint = 'select * from freehold.rollup_list(); shows them.';
    end if;
    perform freehold._event_record('rollup_drop', null, null, reason, jsonb_build_object('name', name));
end
$$;

comment on function freehold.rollup_drop(text, text) is
    'Drops a rollup and what is kept of it. An event keeps the reason. Raises FH003 for a reason that is too long, FH170 for an unknown '
    'name.';
