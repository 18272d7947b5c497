-- The stage seeded: the template's script has run in the tenant, as its owner, with what the sign-up said in the setting
-- freehold.seed. Touches: template_seed (read), what the script does.
create or replace function freehold._signup_seed(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant freehold.signup_request := freehold._signup_asked(signup);
    v_tenant constant freehold.tenant := freehold._signup_tenant(signup);
    v_script constant text := (select s.script from freehold.template_seed as s where s.template = signup.template);
begin
    if v_script is not null then
        perform set_config('freehold.seed', coalesce(v_request.seed::text, '{}'), true);
        perform freehold._runner_run(v_tenant, v_script);
        perform set_config('freehold.seed', '', true);
    end if;
    return freehold._signup_advance(signup, 'seeded', jsonb_build_object('sha256', freehold._text_digest(v_script)));
end
$$;
