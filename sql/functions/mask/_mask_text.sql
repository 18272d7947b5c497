-- An expression out of the shorthand in which masks are written: # is pg_catalog, {+} an operator of pg_catalog: nothing of the
-- schema in which it runs can come before either. ~salt~ is the clone's random key, read once a statement.
create or replace function freehold._mask_text(shorthand text) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select replace(regexp_replace(replace(shorthand, '~salt~', '(select #current_setting(''freehold.mask_salt''))'),
                                  '\{([^a-z0-9{}, ]+)\}', 'operator(pg_catalog.\1)', 'g'), '#', 'pg_catalog.')
$$;
