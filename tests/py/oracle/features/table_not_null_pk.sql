-- not null with and without a primary key, dropped later
create table a (id integer primary key, v text not null, w text);
create table b (id integer not null, v text);
create table c (a integer, b integer, primary key (b, a));
