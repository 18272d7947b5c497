-- The deparser writes its own keywords in lower case, PostgreSQL's expressions have theirs in upper case or in parentheses.
create or replace function freehold._repair_column_parts(
    item text,
    name out text,
    type out text,
    options out text,
    default_value out text,
    generated out text,
    identity out text,
    not_null out text
)
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_text text := item;
    v_mask text := freehold._repair_mask(item);
    v_at integer;
begin
    v_at := regexp_instr(v_mask, '( constraint [^ ]+)? not null( no inherit)?$');
    if v_at > 0 then
        not_null := substr(v_text, v_at + 1);
        v_text := left(v_text, v_at - 1);
        v_mask := left(v_mask, v_at - 1);
    end if;
    v_at := regexp_instr(v_mask, ' generated (always|by default) as identity ');
    if v_at > 0 then
        identity := substr(v_text, v_at + 1);
    else
        v_at := strpos(v_mask, ' generated always as (');
        if v_at > 0 then
            generated := substr(v_text, v_at + 1);
        else
            v_at := strpos(v_mask, ' default ');
            if v_at > 0 then
                default_value := substr(v_text, v_at + length(' default '));
            end if;
        end if;
    end if;
    if v_at > 0 then
        v_text := left(v_text, v_at - 1);
        v_mask := left(v_mask, v_at - 1);
    end if;
    v_at := strpos(v_mask, ' options (');
    if v_at > 0 then
        options := substr(v_text, v_at + 1);
    end if;
    v_at := strpos(v_mask || ' ', ' ');
    name := left(v_text, v_at - 1);
    type := substr(v_text, v_at + 1);
end
$$;

comment on function freehold._repair_column_parts(text) is
    'A column of CREATE TABLE in its parts: name, type with collation, and each of its properties as it is written.';
