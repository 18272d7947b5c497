-- security definer: the table is the owner's. Touches: template_seed, operation (one row each).
create or replace function freehold.template_seed_set(template text, script text) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(template, shared => true);
    v_script constant text := nullif(btrim(script, E' \t\r\n'), '');
begin
    if v_script is null then
        delete from freehold.template_seed as s where s.template = v_template.name;
    else
        insert into freehold.template_seed as s (template, script, changed_at, changed_by)
        values (v_template.name, template_seed_set.script, freehold._now(), freehold.actor_current())
        on conflict on constraint template_seed_pkey do update
        set script = excluded.script, changed_at = excluded.changed_at, changed_by = excluded.changed_by;
    end if;
    perform freehold._operation_done('template_seed_set', null, v_template.name, freehold._now(),
                                     jsonb_build_object('sha256', freehold._text_digest(v_script)));
end
$$;

comment on function freehold.template_seed_set(text, text) is
    'The script that a sign-up runs once in its new tenant, as the owner, the schema first on the path. What signup_begin() was given as '
    'seed it reads as current_setting(''freehold.seed'')::jsonb, {} where nothing was. Null or an empty text takes the script away. Raises '
    'FH102 for an unknown template, FH202 for one that is being adopted or dropped, FH401 when busy.';
