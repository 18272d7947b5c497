-- a partition's own index, default, check, options, comment, tablespace and privileges
create table p (id integer not null, v text default 'parent', w integer) partition by list (id);
create table p1 partition of p (v default 'child', w not null, constraint own check (w > 0)) for values in (1)
    with (fillfactor = 60);
create index p1_w on p1 (w);
create unique index p1_u on p1 (v);
alter table p1 alter column v set statistics 77;
comment on table p1 is 'first';
grant select on p1 to {rw};
-- rows
insert into p (id, w) values (1, 5);
