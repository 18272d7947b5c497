-- settings of functions: the schema's own name in a path is rewritten, others stay
create function f1() returns integer language sql set search_path = {schema} as 'select 1';
create function f2() returns integer language sql set search_path = pg_catalog, {schema}, pg_temp as 'select 1';
create function f3() returns integer language sql set search_path to '' as 'select 1';
create function f4() returns integer language sql set search_path = "$user", public as 'select 1';
create function f5() returns integer language sql set work_mem = '3MB' set "DateStyle" = 'ISO, DMY'
    set timezone = 'America/Santiago' set statement_timeout = 5000 as 'select 1';
create function f7() returns integer language sql set search_path from current as 'select 1';
create function f8() returns integer language sql set search_path = "{schema}", oracle_shared as 'select 1';
