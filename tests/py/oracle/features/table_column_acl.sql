-- privileges on columns, with grant option, beside those on the table
create table a (id integer, v text, w text);
grant select on a to {rw};
grant insert (id, v), update (v) on a to {rw};
grant select (w) on a to oracle_reader with grant option;
grant references (id) on a to public;
