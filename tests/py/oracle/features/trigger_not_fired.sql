-- triggers that would change what is copied
create table a (id integer primary key, v text, at timestamptz default now());
create function stamp() returns trigger language plpgsql as $$
begin
    new.v := new.v || ' changed';
    new.at := clock_timestamp();
    return new;
end;
$$;
create trigger stamp before insert or update on a for each row execute function stamp();
alter table a enable always trigger stamp;
-- rows
insert into a (id, v) values (1, 'x');
