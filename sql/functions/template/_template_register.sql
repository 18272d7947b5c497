-- Row, roles and empty schema of a template. Its roles carry the installation's prefix.
create or replace function freehold._template_register(name text, state text default 'ready') returns freehold.template
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_schema constant name := 'template_' || name;
    v_template freehold.template;
begin
    if name is null or name !~ '^[a-z][a-z0-9_]*$' or octet_length(name) > 20 then
        raise exception '% is not a template name', coalesce(quote_literal(name), 'null')
            using errcode = 'FH003', detail = 'a-z, 0-9 and _, beginning with a letter, at most 20 bytes.';
    end if;
    insert into freehold.template (name, schema_name, owner_role, rw_role, cell, state, created_at, created_by)
    values (name, v_schema, freehold._role(v_schema || '_owner'), freehold._role(v_schema || '_rw'),
            (select min(c.number) from freehold.cell as c), state, freehold._now(), freehold.actor_current())
    on conflict do nothing
    returning * into v_template;
    if not found then
        perform freehold._template_ready(t) from freehold.template as t where t.name = _template_register.name;
        raise exception 'template "%" exists', name
            using errcode = 'FH204',
                  hint = format('Choose another name; select freehold.template_apply(%L, ''...''); changes the one that exists.', name);
    end if;
    perform freehold._name_free(v_schema, array[v_template.owner_role, v_template.rw_role]);
    perform freehold._schema_create(freehold._template_home(v_template));
    return v_template;
exception
    when lock_not_available then
        raise exception 'template "%" is being created', name using errcode = 'FH401', hint = 'Try again.';
end
$$;
