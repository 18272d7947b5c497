-- exclusion constraints: operators, predicate, gist, deferrable, operator class
create table a (
    id integer, during tsrange, box box, room integer,
    constraint no_overlap exclude using gist (during with &&) where (id > 0) deferrable initially deferred,
    exclude using gist (box with ~=),
    constraint one_room exclude using btree (room with =) include (id) with (fillfactor = 75)
);
-- rows
insert into a values (1, '[2020-01-01,2020-01-02)', box '(0,0),(1,1)', 1), (2, '[2020-01-02,2020-01-03)', null, 2);
