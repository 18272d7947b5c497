-- domains with nothing, with collation, with typmod: none of them is not null
create domain plain as text;
create domain code as varchar(8) collate "C";
create domain money2 as numeric(12, 2) default 0.00;
create domain many as integer[];
create table a (id integer primary key, p plain, c code, m money2, n many);
-- rows
insert into a values (1, null, null, null, null), (2, 'x', 'y', 1.5, '{1,2}');
