-- security definer: asked at COMMIT, when whoever called is the current role. An export or restore that was begun is ended in the same
-- transaction, or that is not committed: else a login would keep the role of a tenant's owner. Touches: operation (read).
create or replace function freehold._transfer_ended() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from freehold.operation as o where o.id = new.id and o.state = 'running' and not o.detail ? 'ending') then
        raise exception 'the % of tenant "%" was begun and not ended', new.kind, new.slug
            using errcode = 'FH232', hint = format('select freehold.tenant_%s_end(%L, ...); ends it.', new.kind, new.slug);
    end if;
    return null;
end
$$;
