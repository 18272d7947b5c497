-- dependencies across every kind at once: types, functions, defaults, views, tables, domains
create table root (id integer primary key, v text);
create function rank_of(r root) returns integer language sql immutable as 'select (r).id';
create domain ranked as root check (rank_of(value) > 0);
create table holder (id integer, r ranked, rs root[]);
create view held as select h.id, rank_of(h.r) as n from holder h;
create function best() returns held language sql stable begin atomic select held.id, held.n from held limit 1; end;
create type wrapped as (h held, at date);
create table deep (w wrapped, n integer default rank_of(row(1, 'x')::root));
create function combine(s root[], r root) returns root[] language sql immutable as 'select s || r';
create aggregate gather(root) (sfunc = combine, stype = root[], initcond = '{}');
create view gathered as select gather(r.*) as all_of from root r;
create function unwrap(g gathered) returns integer language sql immutable as 'select cardinality((g).all_of)';
create index root_rank on root (rank_of(root.*));
create materialized view frozen as select unwrap(g.*) as n, best() as b from gathered g;
create function root_before(a root, b root) returns boolean language sql immutable as 'select (a).id < (b).id';
create operator |> (leftarg = root, rightarg = root, function = root_before);
create table compared (a root, b root, constraint in_order check (a |> b));
-- rows
insert into root values (1, 'x'), (2, 'y');
insert into holder values (1, row(1, 'x'), array[row(2, 'y')]::root[]);
insert into compared values (row(1, 'a'), row(2, 'b'));
refresh materialized view frozen;
