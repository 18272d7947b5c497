-- instead of triggers and rules on views
create table a (id integer, v text);
create view w as select * from a;
create function redirect() returns trigger language plpgsql as $$
begin
    insert into a values (new.id, new.v);
    return new;
end;
$$;
create trigger w_insert instead of insert on w for each row execute function redirect();
create rule w_delete as on delete to w do instead delete from a where a.id = old.id returning a.*;
create view w2 as select id from w;
create rule w2_update as on update to w2 where new.id > 0 do instead nothing;
create rule w2_update2 as on update to w2 do instead update a set id = new.id where id = old.id;
-- rows
insert into a values (1, 'x');
