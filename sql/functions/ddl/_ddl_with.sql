create or replace function freehold._ddl_with(options text[], toast oid)
returns text
language sql stable
begin atomic
    select ' with (' || nullif(
        concat_ws(
            ', ', freehold._ddl_options(options),
            (
                select freehold._ddl_options(c.reloptions, 'toast.')
                from pg_class c
                where c.oid = toast
            )
        ),
        ''
    ) || ')';
end;

comment on function freehold._ddl_with(text[], oid) is
'The WITH clause of a table or materialised view, options of its TOAST table included; null if it has none.';
