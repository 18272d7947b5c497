-- no inherit checks, inherited checks that are local too, not valid
create table parent (id integer, v integer, constraint here check (v > 0) no inherit, constraint shared check (id > 0));
create table child (constraint shared check (id > 0), constraint own check (v < 100)) inherits (parent);
create table late (id integer, v integer, constraint shared check (id > 0));
alter table late inherit parent;
alter table parent add constraint unsure check (v <> 13) not valid;
