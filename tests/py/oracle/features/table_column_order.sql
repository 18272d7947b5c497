-- order after drops, additions and renames
create table a (one integer, two text, three date);
alter table a drop column two;
alter table a add column four numeric(5, 2);
alter table a rename column one to zero;
alter table a drop column three;
alter table a add column "Five" text not null default 'x';
-- rows
insert into a values (1, 2.5, 'y');
