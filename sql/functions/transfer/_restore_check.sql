-- Refuses a manifest that is not one, or of what this installation cannot hold. Touches: template_version (read).
create or replace function freehold._restore_check(manifest jsonb) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant jsonb := manifest -> 'tenant';
begin
    if manifest ->> 'format' is distinct from '1' then
        raise exception 'an export of format %, which this version does not read', coalesce(manifest ->> 'format', 'none')
            using errcode = 'FH003';
    end if;
    if jsonb_typeof(v_tenant) is distinct from 'object' or jsonb_typeof(manifest -> 'tables') is distinct from 'array'
        or jsonb_typeof(manifest -> 'ddl') is distinct from 'array' or jsonb_typeof(manifest -> 'migrations') is distinct from 'array'
        or jsonb_typeof(manifest -> 'masks') is distinct from 'array'
        or manifest ->> 'fingerprint' is null
    then
        raise exception 'the manifest lacks a part' using errcode = 'FH003', detail = 'It is not the manifest of an export.';
    end if;
    if (manifest ->> 'server')::integer / 10000 > current_setting('server_version_num')::integer / 10000 then
        raise exception 'the export is of PostgreSQL %, and this is %', (manifest ->> 'server')::integer / 10000,
            current_setting('server_version_num')::integer / 10000
            using errcode = 'FH004', hint = 'Restore it on that version or a later one.';
    end if;
    if not exists (select from freehold.template_version as v
                   where v.template = v_tenant ->> 'template' and v.version = (v_tenant ->> 'template_version')::integer)
    then
        raise exception 'no template "%" of version %', v_tenant ->> 'template', v_tenant ->> 'template_version'
            using errcode = 'FH102', detail = 'The export is of a tenant of that version.',
                  hint = 'select name, version from freehold.template_list(); shows them.';
    end if;
end
$$;
