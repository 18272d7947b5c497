-- objects named like those of pg_catalog
create table pg_class (relname text, oid integer);
create table pg_namespace (nspname text);
create function lower(text) returns text language sql immutable as $$ select 'mine' $$;
create function now() returns timestamptz language sql stable as $$ select '2000-01-01'::timestamptz $$;
create function count(text) returns integer language sql immutable as 'select 1';
create function format(text, variadic text[]) returns text language plpgsql as $$ begin raise exception 'format of the schema called'; end; $$;
create function quote_ident(text) returns text language plpgsql as $$ begin raise exception 'quote_ident of the schema called'; end; $$;
create function pg_get_expr(pg_node_tree, oid) returns text language plpgsql as $$ begin raise exception 'called'; end; $$;
create function string_agg(text, text) returns text language sql as $$ select 'x' $$;
create type text as enum ('not text');
create domain integer as pg_catalog.int4 check (value > 0);
create domain name as pg_catalog.text;
create table t (a text default 'not text', b integer, c pg_catalog.text default pg_catalog.lower('X'), d pg_catalog.text default lower('Y'), n name);
create view v as select lower(t.c) as mine, pg_catalog.lower(t.c) as theirs, now() as fake, pg_catalog.now() as real from t;
create view pg_tables as select relname from pg_class;
create index t_lower on t (lower(c));
create index t_lower_real on t (pg_catalog.lower(c));
create function never(pg_catalog.text, "integer") returns boolean language plpgsql as $$ begin raise exception 'called'; end; $$;
create function glue(pg_catalog.text, pg_catalog.text) returns pg_catalog.text language plpgsql as $$ begin raise exception 'glue of the schema called'; end; $$;
create operator = (leftarg = pg_catalog.text, rightarg = "integer", function = never);
create operator || (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = glue);
create view glued as select a.d || 'x' as mine, a.d operator(pg_catalog.||) 'x' as theirs from t a;
-- rows
insert into pg_class values ('x', 1);
insert into t (b) values (5);
