-- replica identity by an index and by a constraint's index
create table a (id integer not null, v text);
create unique index a_id on a (id);
alter table a replica identity using index a_id;
create table b (id integer not null, v text, constraint b_u unique (id));
alter table b replica identity using index b_u;
