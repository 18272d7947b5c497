-- The number that a limit's value stands for, in its unit. PostgreSQL reads it: the setting itself is set, and the clauses put
-- it back. Only a superuser could set temp_file_limit; work_mem is written in the same way.
create or replace function freehold._limit_value(name text, value text) returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set statement_timeout = 0
    set lock_timeout = 0
    set idle_in_transaction_session_timeout = 0
    set work_mem = '64kB'
as $$
declare
    v_setting constant boolean := (select k.unit is not null from freehold._limit_known() as k where k.name = _limit_value.name);
    v_read constant text := case name when 'temp_file_limit' then 'work_mem' else name end;
    v_number integer;
    v_detail text;
    v_hint text;
begin
    begin
        if value is null then
            v_number := 0;
        elsif v_setting then
            execute format('set local %I = %L', v_read, value);
            v_number := (select s.setting::integer from pg_settings as s where s.name = v_read);
        else
            v_number := value::integer;
            if v_number not between 1 and 262143 then
                raise exception '% is outside the valid range (1 .. 262143)', v_number using errcode = 'numeric_value_out_of_range';
            end if;
        end if;
    exception
        when data_exception then
            get stacked diagnostics v_detail = message_text, v_hint = pg_exception_hint;
    end;
    if v_detail is null and v_number > 0 then
        return v_number;
    end if;
    raise exception 'limit "%" cannot be %', name, coalesce(quote_literal(value), 'null')
        using errcode = 'FH003', detail = coalesce(replace(v_detail, v_read, name), 'That would be no limit.'),
              hint = coalesce(nullif(v_hint, ''), 'freehold.limit_reset() takes a limit back.');
end
$$;
