-- security definer: the table is the owner's. Touches: setting (one row), operation (one row).
create or replace function freehold.setting_set(name text, value text) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_old text := freehold.setting_get(setting_set.name);
    v_operation bigint;
begin
    if value is null then
        raise exception 'a setting cannot be null' using errcode = 'FH003';
    end if;
    if (select s.fixed from freehold.setting as s where s.name = setting_set.name) then
        raise exception 'setting "%" was fixed at install', name
            using errcode = 'FH202', detail = format('It is %L.', v_old);
    end if;
    begin
        if name in ('cell_capacity', 'seed_limit') and setting_set.value::bigint not between 1 and 1073741824
            or name = 'retire_grace' and setting_set.value::interval < interval '0'
            or name = 'mask_strict' and setting_set.value not in ('on', 'off')
            or name in ('break_glass_ttl', 'break_glass_max_ttl') and setting_set.value::interval <= interval '0'
            or name = 'break_glass_approval' and setting_set.value not in ('on', 'off')
            or name like '%\_retention' and setting_set.value <> 'unknown'
                and (setting_set.value::interval < interval '0' or not isfinite(freehold._now() + setting_set.value::interval))
            or name in ('access_keep', 'statistic_keep') and setting_set.value <> 'forever'
                and (setting_set.value::interval < interval '0' or not isfinite(freehold._now() + setting_set.value::interval))
            or name = 'erase_retired' and setting_set.value not in ('on', 'off')
            or name = 'operation_lease' and setting_set.value::interval <= interval '0'
            or name = 'access_log' and setting_set.value not in ('on', 'off')
        then
            raise exception 'out of range' using errcode = 'numeric_value_out_of_range';
        end if;
    exception when data_exception then
        raise exception 'setting "%" cannot be %', name, quote_literal(value)
            using errcode = 'FH003', detail = sqlerrm,
                  hint = (select s.description from freehold.setting as s where s.name = setting_set.name);
    end;
    v_operation := freehold._operation_begin('setting_set', null, null,
                                             jsonb_build_object('name', name, 'old', v_old, 'new', value));
    update freehold.setting as s
    set value = setting_set.value, changed_at = freehold._now()
    where s.name = setting_set.name;
    -- Pools keep it with what they know of tenants.
    if name = 'access_log' then
        perform pg_notify('freehold_tenant', '');
    end if;
    perform freehold._operation_end(v_operation);
end
$$;

comment on function freehold.setting_set(text, text) is
    'Changes a setting. Raises FH105 for an unknown name, FH003 for a value out of its range, FH202 for one fixed at install.';
