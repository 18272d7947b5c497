-- Refuses a slug whose former tenant is not erased everywhere yet: whoever erases by the slug would erase the new tenant's. And one
-- that a sign-up has claimed.
create or replace function freehold._slug_open(slug text) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_open text;
    v_signup bigint;
begin
    -- A claim from the reserve plans all of its statements anew, so one quick look says that there is nothing to be seen.
    if not exists (select from freehold.signup as s where s.claim = _slug_open.slug)
        and not exists (select from freehold.erasure_task as k where k.state in ('pending', 'claimed', 'failed'))
    then
        return;
    end if;
    select string_agg(distinct k.eraser, ', ') into v_open
    from freehold.erasure_task as k
    join freehold.tenant as t on t.id = k.tenant_id and t.state = 'erased' and t.slug = _slug_open.slug
    where k.state in ('pending', 'claimed', 'failed');
    if v_open is not null then
        raise exception 'an erased tenant called "%" is not erased everywhere yet', slug
            using errcode = 'FH222', detail = format('Open tasks: %s.', v_open),
                  hint = format('select * from freehold.erasure_task_list(%L); shows them.', slug);
    end if;
    select s.id into v_signup from freehold.signup as s where s.claim = _slug_open.slug;
    if found then
        raise exception 'slug "%" is claimed by a sign-up', slug
            using errcode = 'FH252', detail = format('It is number %s.', v_signup),
                  hint = format('select * from freehold.signup_get(%s); shows how far it is.', v_signup);
    end if;
end
$$;
