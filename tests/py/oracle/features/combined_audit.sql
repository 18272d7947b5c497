-- audit-like triggers with transition tables on inherited and partitioned tables, definer functions
create table history (id bigint generated always as identity, at timestamptz not null default clock_timestamp(), tab regclass, n bigint);
alter table history alter column tab type text;
create function record_rows() returns trigger language plpgsql security definer set search_path = {schema}, pg_temp as $$
begin
    insert into history (tab, n) select tg_table_name, count(*) from changed;
    return null;
end;
$$;
revoke execute on function record_rows() from public;
create table base (id bigint primary key, v text);
create table detail (w text) inherits (base);
create table part (id bigint, k text) partition by list (k);
create table part_a partition of part for values in ('a');
create table part_b partition of part for values in ('b');
do $$
declare
    v_table text;
begin
    foreach v_table in array array['base', 'part'] loop
        execute format('create trigger rec_ins after insert on %I referencing new table as changed for each statement execute function record_rows()', v_table);
        execute format('create trigger rec_upd after update on %I referencing new table as changed for each statement execute function record_rows()', v_table);
        execute format('create trigger rec_del after delete on %I referencing old table as changed for each statement execute function record_rows()', v_table);
    end loop;
end;
$$;
alter table base enable always trigger rec_ins;
-- rows
insert into base values (1, 'x');
insert into part values (1, 'a'), (2, 'b');
