-- everything renamed after it was made
create type t1 as enum ('a');
create table a (id serial primary key, v text unique check (v <> ''), k t1);
create view b as select id, v, k from a;
create function c(x a) returns text language sql as $$ select 'x' $$;
create index d on a (v);
create table e (a_id integer references a, n integer generated always as identity);
create trigger f before update on a for each row execute function suppress_redundant_updates_trigger();
alter type t1 rename to kind;
alter type kind rename value 'a' to 'A!';
alter table a rename to thing;
alter table thing rename column v to value;
alter table thing rename constraint a_v_check to value_given;
alter table thing rename constraint a_v_key to value_once;
alter sequence a_id_seq rename to thing_ids;
alter view b rename to "The View";
alter view "The View" rename column k to kind;
alter function c(thing) rename to label;
alter index d rename to thing_value;
alter table e rename column n to number;
alter table e rename constraint e_a_id_fkey to e_thing;
alter trigger f on thing rename to quiet;
-- rows
insert into thing (value, k) values ('x', 'A!');
insert into e (a_id) values (1);
