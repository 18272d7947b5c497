-- A request or an open one, locked, after what is overdue of its tenant was ended: this one may be, and is returned as expired, as an
-- error would take that back. Raises FH110 for an unknown id, FH202 for one that was over before. Touches: break_glass.
create or replace function freehold._break_glass_take(id bigint) returns freehold.break_glass
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_glass freehold.break_glass;
begin
    select * into v_glass from freehold.break_glass as g where g.id = _break_glass_take.id;
    if not found then
        raise exception 'no break-glass request has the number %', coalesce(id::text, 'null')
            using errcode = 'FH110', hint = 'select * from freehold.break_glass_list(); shows them.';
    end if;
    if v_glass.state in ('pending', 'open') then
        perform freehold._break_glass_expire(v_glass.tenant_id);
        select * into v_glass from freehold.break_glass as g where g.id = _break_glass_take.id for update;
        if v_glass.state in ('pending', 'open', 'expired') then
            return v_glass;
        end if;
    end if;
    raise exception 'break-glass request % is %', id, v_glass.state
        using errcode = 'FH202', detail = format('Since %s.', v_glass.closed_at),
              hint = format('Ask again: select freehold.break_glass_open(%L, ''...'', ''...'');', v_glass.slug);
end
$$;
