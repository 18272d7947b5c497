-- security definer: the table is the owner's. Touches: template, operation (one row each).
create or replace function freehold.reserve_set(template text default 'default', size integer default null) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_started constant timestamptz := freehold._now();
    v_template freehold.template;
begin
    if size not between 0 and 10000 then
        raise exception 'the size of a reserve is between 0 and 10000' using errcode = 'FH003';
    end if;
    v_template := freehold._template_lock(reserve_set.template, unfinished => true);
    if v_template.reserve_size is distinct from size then
        update freehold.template as t set reserve_size = size where t.name = v_template.name;
        perform freehold._operation_done('reserve_set', null, v_template.name, v_started, jsonb_build_object(
            'old', v_template.reserve_size, 'new', size));
        perform pg_notify('freehold_keeper', 'reserve');
    end if;
end
$$;

comment on function freehold.reserve_set(text, integer) is
    'Says how many ready-made schemas of a template the keeper has ready; 0: it drops them, null: it leaves the reserve alone. Raises '
    'FH003 for a bad size, FH102 for an unknown template, FH401 while another session is at work on it.';
