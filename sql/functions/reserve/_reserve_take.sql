-- Takes one ready-made schema of that version off the reserve, the oldest that nobody else is taking; null when there is none.
create or replace function freehold._reserve_take(template text, version integer) returns freehold.reserve
    language sql volatile security invoker
begin atomic
    delete from freehold.reserve as r
    where r.id = (
        select f.id from freehold.reserve as f
        where f.template = _reserve_take.template and f.version = _reserve_take.version
        order by f.id
        limit 1
        for update skip locked)
    returning r.*;
end;
