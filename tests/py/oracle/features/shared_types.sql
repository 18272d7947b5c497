-- shared
-- types, functions, operators of another schema
create table a (
    id integer default oracle_shared.fresh(), email oracle_shared.citext unique, kv oracle_shared.hstore,
    k oracle_shared.kind default 'big'
);
create view v as select kv operator(oracle_shared.->) 'x' as x, email operator(oracle_shared.=) 'Y' as same, country.name
from a cross join oracle_shared.country;
create function f(oracle_shared.citext) returns oracle_shared.kind language sql as $$ select 'small'::oracle_shared.kind $$;
create domain mail as oracle_shared.citext check (value operator(oracle_shared.<>) '');
create sequence own;
create table b (n bigint default nextval('oracle_shared.common'));
-- rows
insert into a (email, kv) values ('A@b', 'x=>1');
