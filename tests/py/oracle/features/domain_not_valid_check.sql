-- a check added not valid stays not valid
create domain age as integer;
create table a (id integer primary key, v age);
alter domain age add constraint adult check (value >= 18) not valid;
-- rows
insert into a values (1, 20), (2, null);
