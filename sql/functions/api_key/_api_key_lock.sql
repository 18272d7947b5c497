-- A key that is good, its row locked.
create or replace function freehold._api_key_lock(id bigint) returns freehold.api_key
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key freehold.api_key;
begin
    select * into v_key from freehold.api_key as k where k.id = _api_key_lock.id for update;
    if not found then
        raise exception 'no API key has the id %', coalesce(id::text, 'null')
            using errcode = 'FH181', hint = 'select id, name from freehold.api_key_list(); shows them.';
    end if;
    if freehold._api_key_state(v_key) <> 'active' then
        raise exception 'API key "%" is %', v_key.name, freehold._api_key_state(v_key)
            using errcode = 'FH282', detail = 'It stays so.', hint = 'Make another one, of another name.';
    end if;
    return v_key;
end
$$;
