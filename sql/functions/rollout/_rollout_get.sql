-- A rollout's row, locked where something is about to be done to it.
create or replace function freehold._rollout_get(id bigint, locked boolean default false) returns freehold.rollout
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_rollout freehold.rollout;
begin
    if locked then
        select * into v_rollout from freehold.rollout as r where r.id = _rollout_get.id for update;
    else
        select * into v_rollout from freehold.rollout as r where r.id = _rollout_get.id;
    end if;
    if not found then
        raise exception 'no rollout has the id %', id
            using errcode = 'FH107', hint = 'select * from freehold.rollout_list(); shows the newest.';
    end if;
    return v_rollout;
exception
    when lock_not_available then
        raise exception 'rollout % is busy', id using errcode = 'FH401', hint = 'Try again.';
end
$$;
