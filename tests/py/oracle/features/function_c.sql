-- superuser
-- refused: nextest|f_internal
-- functions in c and internal, leakproof, a support function
create function f_internal(integer, integer) returns integer language internal immutable strict leakproof as 'int4pl';
create function f_support(internal) returns internal language internal strict immutable as 'textlike_support';
create function starts(text, text) returns boolean language sql immutable support f_support as 'select $1 like $2';
