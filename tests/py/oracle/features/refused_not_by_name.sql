-- names-schema
-- a body that holds the name as part of longer words is no reason to refuse
create function f() returns text language sql as $$ select 'my_{schema}_x' || 'x{schema}' $$;
