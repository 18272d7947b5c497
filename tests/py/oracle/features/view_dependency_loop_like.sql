-- a function over a view's row type, used by another view, used by a default of a table
create table base (id integer primary key, v text);
create view seen as select id, v from base;
create function label(s seen) returns text language sql stable as $$ select s.v || '!' $$;
create view labelled as select s.id, label(s) as l, s.v from seen s;
create function first_label() returns text language sql stable begin atomic select max(l) from labelled; end;
create table late (id integer primary key, l text default first_label(), s seen, r labelled[]);
create view top as select late.l, labelled.id from late cross join labelled;
-- rows
insert into base values (1, 'x');
insert into late (id, s) values (1, row(5, 'five')::seen);
