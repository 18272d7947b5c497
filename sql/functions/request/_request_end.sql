-- security definer: the table is the owner's. Touches: request (one row).
create or replace function freehold._request_end(key text, response text) returns void
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    update freehold.request as r set response = _request_end.response
    where r.actor = freehold.actor_current() and r.key = _request_end.key
$$;

comment on function freehold._request_end(text, text) is 'Keeps what is answered to a request, in its transaction.';
