-- How a grant of membership says what it carries: 15 has no options, there the attributes of the roles decide.
create or replace function freehold._membership(inherit boolean, set boolean) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    return case
        when current_setting('server_version_num')::integer < 160000 then ''
        else format(' with inherit %s, set %s', inherit::text, set::text)
    end;
