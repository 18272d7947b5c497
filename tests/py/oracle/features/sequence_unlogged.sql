-- an unlogged sequence
create unlogged sequence u;
create unlogged table t (id serial);
create sequence l;
