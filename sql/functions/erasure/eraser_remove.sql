-- security definer: the table is the owner's. Touches: eraser, operation (one row each).
create or replace function freehold.eraser_remove(name text) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from freehold.eraser as e where e.name = eraser_remove.name;
    if not found then
        raise exception 'no eraser is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH123', hint = 'select * from freehold.eraser_list(); shows them.';
    end if;
    perform freehold._operation_done('eraser_remove', null, null, freehold._now(), jsonb_build_object('name', name));
end
$$;

comment on function freehold.eraser_remove(text) is
    'Erasures that begin from now on get no task of this name any more; those that have one keep it. Raises FH123 for an unknown name.';
