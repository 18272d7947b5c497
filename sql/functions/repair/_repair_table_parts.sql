create or replace function freehold._repair_table_parts(
    ddl text,
    head out text,
    columns out text[],
    constraints out text[],
    tail out text,
    options out text[],
    tablespace out text,
    method out text
)
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_mask text := freehold._repair_mask(ddl);
    v_open integer := strpos(v_mask, ' (');
    v_close integer;
    v_items text[] := '{}'::text[];
    v_at integer;
begin
    if v_open > 0 and substr(ddl, v_open + 2, 1) in (E'\n', ')') then
        v_close := v_open + strpos(substr(v_mask, v_open), ')') - 1;
        head := left(ddl, v_open - 1);
        v_items := freehold._repair_split(btrim(substr(ddl, v_open + 2, v_close - v_open - 2), E' \n'));
        tail := substr(ddl, v_close + 1);
    else
        v_at := regexp_instr(v_mask || ' with ', ' (inherits|partition by|using|with|tablespace) ');
        head := left(ddl, v_at - 1);
        tail := substr(ddl, v_at);
    end if;
    columns := array(select i.item from unnest(v_items) with ordinality as i (item, n) where i.item not like 'constraint %' order by i.n);
    constraints := array(select i.item from unnest(v_items) with ordinality as i (item, n) where i.item like 'constraint %' order by i.n);
    v_mask := freehold._repair_mask(tail);
    v_at := strpos(v_mask, ' tablespace ');
    if v_at > 0 then
        tablespace := substr(tail, v_at + length(' tablespace '));
        tail := left(tail, v_at - 1);
        v_mask := left(v_mask, v_at - 1);
    end if;
    v_at := strpos(v_mask, ' with (');
    if v_at > 0 then
        options := freehold._repair_split(rtrim(substr(tail, v_at + length(' with (')), ')'));
        tail := left(tail, v_at - 1);
        v_mask := left(v_mask, v_at - 1);
    end if;
    v_at := strpos(v_mask, ' using ');
    if v_at > 0 then
        method := substr(tail, v_at + length(' using '));
        tail := left(tail, v_at - 1);
    end if;
end
$$;

comment on function freehold._repair_table_parts(text) is
    'A CREATE TABLE of the deparser in its parts; tail is what stays of it, inheritance and partitioning.';
