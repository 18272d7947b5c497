-- collations and typmods of attributes
create type person as (
    name text collate "C", code varchar(12), amount numeric(10, 2), at timestamptz(3), tags text[]
);
