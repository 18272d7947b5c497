-- partitions attached with another column order, after drops
create table p (id integer not null, a text, b date) partition by list (id);
create table p1 (b date, gone integer, a text, id integer not null);
alter table p1 drop column gone;
alter table p attach partition p1 for values in (1);
create table p2 (a text, b date, id integer not null);
alter table p attach partition p2 default;
-- rows
insert into p values (1, 'one', '2020-01-01'), (2, 'two', '2020-02-02');
