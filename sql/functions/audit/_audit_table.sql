-- The audited tables of a schema: their names, quoted, what is left out and masked, and what keeps the record from being whole.
-- Whose triggers are whole: all four, firing in the ordinary way, of the home's own function, with the same arguments.
create or replace function freehold._audit_table(ns oid)
    returns table (relation oid, name text, keys text[], exclude text[], mask text[], fault text)
    language sql stable security invoker
begin atomic
    select t.relid, t.name, t.arguments[2]::text[], t.arguments[3]::text[],
           array(select k from jsonb_object_keys(t.arguments[4]::jsonb) as k order by k),
           case when t.foreign_writer then 'it writes another log'
                when t.fires < 4 then 'a trigger is missing or disabled'
                when t.versions > 1 then 'the triggers are not of one kind'
                when freehold._audit_cast(t.relid) then 'a cast of its schema to json decides what is recorded' end
    from (
        select r.relid, r.name, freehold._audit_argument(min(g.tgargs::text)::bytea) as arguments,
               count(distinct g.tgtype) filter (where g.tgenabled in ('O', 'A')) as fires, count(distinct g.tgargs) as versions,
               bool_or(p.proname is distinct from freehold._audit_writer(freehold._audit_home(ns))) as foreign_writer
        from freehold._ddl_relation(ns) as r
        join pg_trigger as g on g.tgrelid = r.relid and not g.tgisinternal
        join pg_proc as p on p.oid = g.tgfoid and p.pronamespace = 'freehold_audit'::regnamespace
        group by r.relid, r.name) as t;
end;
