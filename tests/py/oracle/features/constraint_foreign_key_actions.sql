-- every action and match type
create table t (id integer primary key, x integer, y integer, unique (x, y));
create table a (
    a integer references t on delete cascade on update set null,
    b integer constraint b_t references t on delete restrict on update cascade,
    c integer default 1 references t on delete set default on update restrict,
    d integer references t deferrable initially deferred,
    e integer references t deferrable,
    x integer, y integer, z integer,
    constraint full_match foreign key (x, y) references t (x, y) match full,
    constraint part foreign key (x, y) references t (x, y) on delete set null (y),
    constraint part_default foreign key (x, z) references t (y, x) on delete set default (z) not valid
);
comment on constraint full_match on a is 'both or none';
-- rows
insert into t values (1, 1, 1), (2, 2, 1);
insert into a values (1, 1, 1, 1, 1, 1, 1, null);
