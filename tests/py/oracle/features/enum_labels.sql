-- odd labels: quotes, spaces, unicode, empty, 63 bytes
create type label as enum (
    'it''s', 'two words', 'ünïcode ☃', '', 'back\slash', '"quoted"',
    'a23456789b123456789c123456789d123456789e123456789f123456789g123'
);
create table a (id integer primary key, l label default 'it''s', ls label[]);
-- rows
insert into a values (1, 'ünïcode ☃', array['', 'back\slash']::label[]), (2, default, null);
