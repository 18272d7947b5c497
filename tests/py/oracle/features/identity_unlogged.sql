-- an identity column of an unlogged table; a logged sequence behind it
create unlogged table a (id integer generated always as identity, v text);
create unlogged table b (id integer generated always as identity, v text);
-- rows
insert into a (v) values ('gone after a crash');
