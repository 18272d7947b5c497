-- What a certificate of stage 2 says, when the longest period has passed: of those that stage 1 named and of those that the settings
-- name now, the later one.
create or replace function freehold._certificate_physical(operation freehold.operation, now timestamptz) returns jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_first freehold.erasure_certificate;
    v_unknown text;
    v_exclusions jsonb;
    v_horizon timestamptz;
    v_erased timestamptz;
begin
    select c.* into v_first from freehold.erasure_certificate as c where c.tenant_id = operation.tenant_id and c.stage = 1;
    if not found then
        raise exception 'the erasure of tenant "%" has no certificate of stage 1', operation.slug
            using errcode = 'FH222', hint = format('select freehold.erasure_certificate(%L);', operation.tenant_id);
    end if;
    v_erased := (v_first.content -> 'tenant' ->> 'erased_at')::timestamptz;
    select jsonb_agg(jsonb_build_object('place', e.place, 'basis', e.basis, 'until', freehold._utc(u.until)) order by e.place),
           max(u.until), string_agg(e.place, ', ' order by e.place) filter (where u.until is null)
    into v_exclusions, v_horizon, v_unknown
    from freehold._erasure_exclusions(v_erased, operation.id) as e
    left join jsonb_array_elements(v_first.content -> 'exclusions') as f on f ->> 'place' = e.place
    -- One that is unknown now was perhaps known then, and the other way round; both known, the later one.
    cross join lateral (select greatest(e.until, (f ->> 'until')::timestamptz) as until) as u;
    if v_unknown is not null then
        raise exception 'nobody said how long copies are kept'
            using errcode = 'FH223', detail = format('Not known of: %s.', v_unknown),
                  hint = 'select freehold.setting_set(''backup_retention'', ''35 days''); and the others alike.';
    end if;
    if v_horizon > now then
        raise exception 'copies of tenant "%" may exist until %', operation.slug, to_char(v_horizon, 'YYYY-MM-DD HH24:MI TZ')
            using errcode = 'FH223', detail = (
                select string_agg(format('%s: %s', x ->> 'place', x ->> 'until'), E'\n') from jsonb_array_elements(v_exclusions) as x);
    end if;
    return jsonb_build_object(
        'stage', 'physical',
        'statement', 'Every period has passed for which copies were said to be kept after the erasure that the certificate of stage 1 '
                     'names. That they went with it is the word of whoever keeps them.',
        'tenant', v_first.content -> 'tenant',
        'logical', jsonb_build_object('sha256', v_first.digest, 'issued_at', freehold._utc(v_first.issued_at)),
        'exclusions', v_exclusions, 'horizon', freehold._utc(v_horizon));
end
$$;
