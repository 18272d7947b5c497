-- security definer: the tables are the owner's. Touches: all tables of the control plane and the catalogs (read).
-- A check is a function whose name begins with _doctor_; those of _doctor_deep_ read every schema. One that fails is a finding
-- of its own, whatever the failure, so that the others still are made.
create or replace function freehold.doctor(deep boolean default false)
    returns table (severity text, check_name text, object text, finding text, reason text, remedy text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    set jit = off
as $$
declare
    v_check record;
begin
    for v_check in
        select p.proname, regexp_replace(p.proname, '^_doctor_(deep_)?', '') as name
        from pg_proc as p
        where p.pronamespace = 'freehold'::regnamespace and p.proowner = current_user::regrole and p.proname ~ '^_doctor_'
            and (doctor.deep or p.proname !~ '^_doctor_deep_')
        order by p.proname
    loop
        begin
            return query execute format('select c.severity, %L, c.object, c.finding, c.reason, c.remedy from freehold.%I() as c '
                                        'order by c.object, c.finding', v_check.name, v_check.proname);
        exception
            when others then
                severity := 'warning';
                check_name := v_check.name;
                object := 'doctor';
                finding := format('the check could not be made: %s', sqlerrm);
                reason := format('SQLSTATE %s. Nothing is known about what it looks for.', sqlstate);
                remedy := case sqlstate when '42501' then format('Grant %I what it lacks.', current_user)
                                        else 'Mend what the message names, then run doctor again.' end;
                return next;
        end;
    end loop;
end
$$;

comment on function freehold.doctor(boolean) is
    'Looks for what is wrong with server, control plane, roles, grants, schemas and templates. A row is a finding: severity (error, '
    'warning, note), the object, why it matters, and the statement or step that mends it. deep => true compares every tenant''s '
    'schema with its template, too.';
