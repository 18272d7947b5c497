-- materialised views: populated or not, indexes, options, comments, column options
create table a (id integer primary key, v text);
create materialized view filled with (fillfactor = 60, autovacuum_enabled = false) as select id, v from a;
create unique index filled_id on filled (id);
create index filled_v on filled (lower(v)) where v is not null;
create materialized view empty as select id from a with no data;
create index empty_id on empty (id);
create materialized view above (x) as select count(*) from filled;
alter materialized view filled alter column v set statistics 44;
alter materialized view filled alter column v set storage external;
comment on materialized view filled is 'kept';
comment on column filled.v is 'its v';
grant select on filled to {rw};
-- rows
insert into a values (1, 'x'), (2, 'y');
refresh materialized view filled;
refresh materialized view above;
