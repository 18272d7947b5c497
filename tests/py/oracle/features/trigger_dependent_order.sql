-- triggers and functions in names against their order of making; a trigger on each kind of relation
create function zz() returns trigger language plpgsql as $$ begin return null; end; $$;
create table parent (id integer);
create table child () inherits (parent);
create trigger "2" after insert on parent for each row execute function zz();
create trigger "1" after insert on child for each row execute function zz();
create trigger a after insert on child for each row execute function zz();
alter table child rename to kid;
alter trigger a on kid rename to z;
