-- Which publications the tables of a schema, or of a template's version, are in: as statements for _publication_join(),
-- a token in the place of the schema's name.
create or replace function freehold._publication_list(ns regnamespace) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
    set standard_conforming_strings = on
    set timezone = 'UTC'
    set datestyle = 'ISO, MDY'
    set intervalstyle = 'postgres'
    set bytea_output = 'hex'
    set extra_float_digits = 1
    set lc_monetary = 'C'
    set quote_all_identifiers = off
as $$
begin
    perform set_config('freehold.ddl_schema', freehold._ddl_token('schema'), true);
    return array(
        select freehold._ddl_exact(p.ddl) from freehold._ddl_publication(ns::oid) as p
        where p.classid = 'pg_publication_rel'::regclass
        order by p.identity);
end
$$;

create or replace function freehold._publication_list(template text, version integer) returns text[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select array_agg(d.ddl order by d.ordinal)
    from freehold.template_ddl as d
    where d.template = _publication_list.template and d.version = _publication_list.version and d.kind = 'publication'
$$;
