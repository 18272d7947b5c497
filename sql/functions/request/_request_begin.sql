-- security definer: the table is the owner's. Touches: request (one row; what is older than a day goes, some at a time). A second caller
-- with the key waits until the first has committed, or rolled back.
create or replace function freehold._request_begin(key text, routine text, digest bytea, out repeated boolean, out response text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_actor constant text := freehold.actor_current();
    v_now constant timestamptz := freehold._now();
    v_known freehold.request;
begin
    delete from freehold.request as r
    where r.ctid = any (array(select o.ctid from freehold.request as o where o.at < v_now - interval '1 day'
                              order by o.at limit 20 for update skip locked));
    insert into freehold.request (actor, key, routine, digest, at)
    values (v_actor, _request_begin.key, _request_begin.routine, _request_begin.digest, v_now)
    on conflict do nothing;
    repeated := not found;
    if repeated then
        select * into v_known from freehold.request as r where r.actor = v_actor and r.key = _request_begin.key;
        if v_known.routine is distinct from _request_begin.routine or v_known.digest is distinct from _request_begin.digest then
            raise exception 'the idempotency key was used for another request'
                using errcode = 'FH251', detail = format('It was %s, at %s.', v_known.routine, freehold._utc(v_known.at)),
                      hint = 'A key is for one request and its repetitions: make a new one.';
        end if;
        response := v_known.response;
    end if;
end
$$;

comment on function freehold._request_begin(text, text, bytea) is
    'Whether the actor has made this request before, by its key, and what was answered. Kept for a day. Raises FH251 where the key was '
    'another request''s.';
