-- security definer: the tables are the owner's. Touches: seal, seal_epoch, event, audit_log and the logs, tenant, template (read).
create or replace function freehold.audit_verify(home text default null, anchor jsonb default null)
    returns table (home_name text, chain uuid, seal bigint, sequence bigint, row_id bigint, finding text, detail text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_control constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
    v_heads constant jsonb := coalesce(anchor -> 'heads', '[]');
    v_chain record;
begin
    if anchor is not null and (anchor ->> 'kind' is distinct from 'freehold.anchor' or jsonb_typeof(v_heads) <> 'array') then
        raise exception 'this is no anchor' using errcode = 'FH003', hint = 'An anchor is written by: select freehold.audit_anchor();';
    end if;
    for v_chain in
        select c.id, case when c.id = v_control then '@' else coalesce(t.slug, '@' || m.name) end as name,
               t.state <> 'erased' or m.id is not null as alive, freehold._seal_source(c.id) is not null as readable
        from (select h as id from freehold._seal_homes(home) as h
              union
              select s.chain from freehold.seal_chain as s where home is null
              union
              select s.chain from freehold.seal as s where home is null
              union
              select (h ->> 'chain')::uuid from jsonb_array_elements(v_heads) as h where home is null) as c
        left join freehold.tenant as t on t.id = c.id
        left join freehold.template as m on m.id = c.id
        order by c.id
    loop
        return query
            select v_chain.name, v_chain.id, c.seal, c.sequence, null::bigint, c.finding, c.detail
            from freehold._seal_check(v_chain.id, v_heads) as c
            order by c.seal, c.finding;
        if v_chain.id = v_control then
            return query
                select v_chain.name, v_chain.id, null::bigint, null::bigint, null::bigint, 'guard off',
                       format('Trigger %s of %s is missing or does not always fire.', g.trigger, g.relation)
                from (values ('event_guard', 'freehold.event'::regclass), ('seal_guard', 'freehold.seal'::regclass))
                    as g (trigger, relation)
                where not exists (
                    select from pg_trigger as t where t.tgrelid = g.relation and t.tgname = g.trigger and t.tgenabled = 'A');
        end if;
        if v_chain.readable then
            return query
                select v_chain.name, v_chain.id, r.seal, r.sequence, r.row_id, r.finding, null
                from freehold._seal_rows(v_chain.id) as r;
        elsif v_chain.alive and exists (select from freehold.seal as s where s.chain = v_chain.id and s.rows > 0) then
            return query select v_chain.name, v_chain.id, null::bigint, null::bigint, null::bigint, 'log missing',
                                'Its tenant or template is not erased, and its rows are gone.';
        end if;
    end loop;
end
$$;

comment on function freehold.audit_verify(text, jsonb) is
    'What is not as it was sealed: rows altered, deleted, inserted or reordered, by the number they had, and rows that no seal will ever '
    'take (passed over); seals altered, missing, or made '
    'anew. Of one home (a slug, a template''s name after @, @ for the control plane), or of all. With an anchor, what audit_anchor() had '
    'returned, also seals that were cut off at the end or made anew on the way. No row means that nothing was found. Of a tenant that was '
    'erased the seals are checked, its rows being gone. Raises FH101 and FH102 for an unknown home, FH003 for what is no anchor.';
