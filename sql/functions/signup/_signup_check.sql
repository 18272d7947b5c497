-- Refuses what a later stage would, before anything is claimed. Touches: template, template_seed, tenant, app_user (read).
create or replace function freehold._signup_check(request freehold.signup_request, template text) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user;
    v_tenant freehold.tenant;
begin
    perform freehold._user_check(request.issuer, request.subject, request.email, null);
    perform freehold._registration_check(request.display_name, request.settings);
    perform freehold._template_version(template);
    if jsonb_typeof(request.seed) <> 'object' then
        raise exception 'the seed must be a JSON object' using errcode = 'FH003';
    end if;
    if request.seed is not null and not exists (select from freehold.template_seed as s where s.template = _signup_check.template) then
        raise exception 'template "%" has no script that would read the seed', template
            using errcode = 'FH003', hint = format('select freehold.template_seed_set(%L, ''...''); gives it one.', template);
    end if;
    select * into v_tenant from freehold.tenant as t where t.external_id_key = request.external_id_key and t.state <> 'erased';
    if found then
        raise exception 'external id % is taken', quote_literal(request.external_id)
            using errcode = 'FH203', detail = format('Tenant "%s" has %L, which is the same without case and punctuation.',
                                                     v_tenant.slug, v_tenant.external_id);
    end if;
    select * into v_user from freehold.app_user as u where u.issuer = request.issuer and u.subject = request.subject;
    if not v_user.active then
        raise exception 'user % is not active', v_user.id
            using errcode = 'FH202', hint = format('select freehold.user_activate(%L);', v_user.id);
    end if;
    if exists (select from freehold.app_user as u where lower(u.email) = lower(request.email) and u.id is distinct from v_user.id) then
        raise exception 'another user has this e-mail'
            using errcode = 'FH242', hint = 'An issuer that does not verify addresses should not hand them on: leave it out.';
    end if;
end
$$;
