-- an enum without labels
create type nothing as enum ();
create table a (n nothing);
