-- shared
-- an exclusion constraint with an operator class of an extension elsewhere
create table a (
    room integer, during tstzrange,
    exclude using gist (room with =, during with &&)
);
-- rows
insert into a values (1, '[2020-01-01,2020-01-02)');
