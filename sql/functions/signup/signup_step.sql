-- security definer: makes and erases tenants, which no caller can. Touches: signup (one row), what the stage does.
create or replace function freehold.signup_step(id bigint) returns freehold.signup
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._signup_step(freehold._signup_get(id, locked => true));
end
$$;

comment on function freehold.signup_step(bigint) is
    'The next stage of a sign-up, with its record in one transaction: claimed, provisioned (a tenant, from the reserve or built; in '
    'several steps where it is too large for one transaction), owned (the user, and his membership as owner), seeded (the template''s '
    'script), ready. Of one that is being undone, the next part of that. One that is over is returned as it is. One that failed is '
    'tried at once; what a step raises undoes the step, and is recorded by signup_work() alone. Raises FH151 for an unknown id, FH202 '
    'when somebody has suspended, retired or erased the tenant, FH253 when what was asked for is forgotten, FH401 when busy, and what '
    'tenant_provision(), user_ensure(), member_add(), migration_apply() and tenant_erase_step() raise.';
