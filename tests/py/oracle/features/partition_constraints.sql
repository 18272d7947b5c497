-- unique and primary key on the parent, a partition's constraint with its own name
create table p (id integer, k integer, v text, constraint p_pk primary key (id, k), constraint p_u unique (k, id, v))
    partition by list (k);
create table p1 partition of p for values in (1);
alter table p1 rename constraint p1_pkey to "own name";
create table p2 (id integer not null, k integer not null, v text, constraint p2_mine primary key (id, k));
alter table p attach partition p2 for values in (2);
create table p3 (id integer not null, k integer not null, v text);
alter table p3 add constraint checks check (k = 3);
alter table p attach partition p3 for values in (3);
-- rows
insert into p values (1, 1, 'a'), (1, 2, 'b'), (1, 3, 'c');
