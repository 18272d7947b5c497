-- Below this transaction all rows of a home's log are sealed: what a retention may delete.
create or replace function freehold._audit_sealed_until(home_id uuid) returns xid8
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce((select s.to_xid from freehold.seal as s where s.chain = home_id order by s.number desc limit 1), '0')
$$;
