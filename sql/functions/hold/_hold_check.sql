-- Refuses what erases a tenant while a hold stands. Its row is locked: nobody sets one meanwhile.
create or replace function freehold._hold_check(tenant freehold.tenant) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_holds text;
begin
    select string_agg(format('Hold %s, set %s by %s%s: %s', h.id, to_char(h.set_at, 'YYYY-MM-DD'), h.set_by,
                             ', until ' || to_char(h.until, 'YYYY-MM-DD HH24:MI TZ'), h.reason), E'\n' order by h.id)
    into v_holds
    from freehold._hold_standing(tenant.id) as h;
    if v_holds is not null then
        raise exception 'tenant "%" is under legal hold', tenant.slug
            using errcode = 'FH221', detail = v_holds,
                  hint = format('select * from freehold.hold_list(%L); shows who asked for its erasure meanwhile.', tenant.slug);
    end if;
end
$$;
