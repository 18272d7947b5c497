-- transition tables
create table a (id integer, v text);
create table log (n bigint, what text);
create function f() returns trigger language plpgsql as $$
begin
    insert into log select count(*), tg_op from new_rows;
    return null;
end;
$$;
create trigger ins after insert on a referencing new table as new_rows for each statement execute function f();
create trigger upd after update on a referencing old table as "Old Rows" new table as new_rows for each statement execute function f();
create trigger del after delete on a referencing old table as old_rows for each statement execute function f();
alter table a disable trigger del;
-- rows
insert into a values (1, 'x'), (2, 'y');
