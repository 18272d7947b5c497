-- rows that foreign keys and triggers would refuse in the order of names
create table a_child (id integer primary key, p integer not null);
create table z_parent (id integer primary key);
alter table a_child add foreign key (p) references z_parent;
-- rows
insert into z_parent select n from generate_series(1, 50) n;
insert into a_child select n, n from generate_series(1, 50) n;
