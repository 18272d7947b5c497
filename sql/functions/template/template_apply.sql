-- security definer: the script runs as the template's owner. Touches: template (row lock), operation (one row).
create or replace function freehold.template_apply(name text, script text) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(template_apply.name);
    v_operation bigint := freehold._operation_begin('template_apply', null, template_apply.name, jsonb_build_object(
        'bytes', octet_length(script), 'sha256', encode(sha256(convert_to(script, 'UTF8')), 'hex')));
begin
    if coalesce(btrim(script, E' \t\r\n'), '') = '' then
        raise exception 'the script is empty' using errcode = 'FH003';
    end if;
    perform freehold._owner_run(v_template.cell, v_template.schema_name, v_template.owner_role, script);
    perform freehold._operation_end(v_operation);
end
$$;

comment on function freehold.template_apply(text, text) is
    'Runs a script (DDL, seed rows) as the template''s owner with the template''s schema first on the path, all or nothing. '
    'Freeze the template afterwards. Raises FH102 for an unknown template; PostgreSQL''s own errors pass through.';
