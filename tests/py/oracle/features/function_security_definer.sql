-- a definer function with a path of its own schema
create table a (id integer);
create function f() returns bigint language plpgsql security definer set search_path = {schema}, pg_temp
as $$ begin return (select count(*) from a); end; $$;
revoke execute on function f() from public;
grant execute on function f() to {rw};
-- rows
insert into a values (1);
