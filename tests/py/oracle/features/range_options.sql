-- multirange name, subtype_diff, collation, operator class
create function minutes(a time, b time) returns float8
language sql immutable strict as 'select extract(epoch from (a - b))::float8 / 60';
create type hours as range (subtype = time, subtype_diff = minutes, multirange_type_name = many_hours);
create type words as range (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
create table a (h hours, m many_hours, w words);
create index a_h on a using gist (h);
-- rows
insert into a values ('[08:00,12:00)', '{[08:00,09:00),[10:00,11:00)}', '[a,b]');
