-- shared
-- foreign tables with options of table and columns, defaults, checks, not null, privileges
create foreign table ft (
    id integer options (column_name 'ID', "key" 'it''s') not null, v text collate "C" default 'x', n numeric(5, 1),
    constraint positive check (id > 0)
) server oracle_server options (schema_name 'remote', table_name 'T''s');
create foreign table ft2 () server oracle_server;
alter foreign table ft alter column v set statistics 66;
alter foreign table ft alter column v set storage external;
comment on foreign table ft is 'far away';
comment on column ft.v is 'a far column';
grant select on ft to {rw};
create view over_ft as select id, v from ft;
