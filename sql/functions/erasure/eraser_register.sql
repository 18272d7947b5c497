-- security definer: the table is the owner's. Touches: eraser, operation (one row each).
create or replace function freehold.eraser_register(name text, description text) returns freehold.eraser
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_eraser freehold.eraser;
begin
    if name is null or name !~ '^[a-z0-9]([-_.a-z0-9]{0,61}[a-z0-9])?$' or coalesce(btrim(description), '') = '' then
        raise exception 'an eraser needs a name and a description'
            using errcode = 'FH003', detail = 'A name is of a-z, 0-9 and - _ . between them, at most 63.';
    end if;
    insert into freehold.eraser as e (name, description, registered_at, registered_by)
    values (eraser_register.name, eraser_register.description, freehold._now(), freehold.actor_current())
    on conflict on constraint eraser_pkey do update set description = excluded.description
    returning * into v_eraser;
    perform freehold._operation_done('eraser_register', null, null, freehold._now(), jsonb_build_object(
        'name', name, 'description', description));
    return v_eraser;
end
$$;

comment on function freehold.eraser_register(text, text) is
    'Says that data of tenants stands somewhere outside their schemas, and has to be erased with them: every erasure that begins '
    'from now on gets a task of this name, and no certificate before that is done. Called again, it changes the description. Raises '
    'FH003 for a bad name.';
