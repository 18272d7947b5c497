create table if not exists freehold.mask_rule (
    home_id uuid not null,
    table_name name not null,
    column_name name not null,
    rule text not null,
    options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
    declared_at timestamptz not null,
    declared_by text not null,
    primary key (home_id, table_name, column_name)
);
comment on table freehold.mask_rule is
    'What becomes of a column in a masked clone. A template''s rules hold for all of its tenants; a tenant''s own wins over it.';
comment on column freehold.mask_rule.home_id is 'The tenant''s id, or the template''s.';
comment on column freehold.mask_rule.table_name is 'A table of the home; what is said of a root holds for partitions and children.';
comment on column freehold.mask_rule.rule is 'keep, null, constant, hash, partial, fake, keep_format, json_values or shuffle.';

-- The staged clone gained a parameter, and a changed list of arguments would be an overload.
do $$
declare
    v_routine record;
begin
    for v_routine in
        select p.oid::regprocedure as name
        from (values ('freehold.tenant_clone_step(text, text, boolean, text, text)'),
                     ('freehold.tenant_clone_staged(text, text, boolean, text, text)')) as f (name)
        join pg_proc as p on p.oid = to_regprocedure(f.name)
    loop
        execute format('drop routine %s', v_routine.name);
    end loop;
end
$$;

-- Row type of the masking functions. Created once, as those of the deparser.
do $$
begin
    if to_regtype('freehold._mask_column_row') is null then
        create type freehold._mask_column_row as (
            relid oid,
            table_name name,
            root_name name,
            holds_rows boolean,
            attnum smallint,
            column_name name,
            type_name text,
            shown_type text,
            class text,
            is_array boolean,
            own_type boolean,
            length integer,
            not_null boolean,
            generated boolean,
            partition_key boolean,
            unique_keys integer,
            wide_key boolean,
            strict_key boolean,
            linked boolean,
            rule text,
            options jsonb,
            origin text
        );
        comment on type freehold._mask_column_row is
            'A column of a home: where, of what type, in which keys, and the rule that holds for it, with where that comes from.';
    end if;
end
$$;
