-- a range type with all names spelled out by the server
create type span as range (subtype = float8);
create table a (s span, m span_multirange);
-- rows
insert into a values ('[1.5,2.5)', '{[1,2),[3,4)}'), ('empty', '{}');
