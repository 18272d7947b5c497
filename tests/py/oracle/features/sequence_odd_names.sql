-- quoted names in nextval defaults
create sequence "Odd ""name's";
create table "T's" (id integer default nextval('"Odd ""name''s"'));
-- rows
insert into "T's" default values;
