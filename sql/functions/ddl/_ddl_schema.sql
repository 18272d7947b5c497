create or replace function freehold._ddl_schema()
returns text
language sql
stable
parallel restricted
return current_setting('freehold.ddl_schema', true);

comment on function freehold._ddl_schema() is
    'The schema as it is to be printed, already quoted: its own name, another one or a token.';
