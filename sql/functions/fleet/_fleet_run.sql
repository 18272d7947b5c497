-- A fleet query that this login began, and whose event nobody can roll back any more.
create or replace function freehold._fleet_run(run bigint) returns freehold.fleet_run
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_run freehold.fleet_run;
begin
    select * into v_run from freehold.fleet_run as r
    where r.id = run and r.login = session_user and r.at > freehold._now() - interval '1 day';
    if not found then
        raise exception 'no fleet query has the number %', coalesce(run::text, 'null')
            using errcode = 'FH171', detail = 'It is the login''s that began it, for a day.',
                  hint = 'select * from freehold.fleet_begin(''select ...''); begins one.';
    end if;
    if v_run.xid = pg_current_xact_id_if_assigned() then
        raise exception 'fleet query % was begun by this transaction', run
            using errcode = 'FH272', detail = 'Its event must be committed before a tenant is asked.',
                  hint = 'commit; and ask then.';
    end if;
    return v_run;
end
$$;
