-- standard bodies: begin atomic and return, over tables, functions and views made later by name
create table t (id integer primary key, v text);
create function z_inner(i integer) returns integer language sql immutable return i * 2;
create function a_outer(i integer) returns integer language sql stable
begin atomic
    select z_inner(i) + count(*)::integer from t;
end;
create view seen as select id, a_outer(id) as o from t;
create function over_view() returns setof seen language sql stable
begin atomic
    select seen.id, seen.o from seen;
end;
create procedure store(i integer, t text default 'x') language sql
begin atomic
    insert into t values (i, store.t);
    update t set v = upper(t.v) where id = i;
    delete from t where id < 0;
end;
create function nothing() returns void language sql begin atomic end;
-- rows
call store(1, 'abc');
