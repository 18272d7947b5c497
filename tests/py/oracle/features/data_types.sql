-- rows of many types, nulls, infinities, empty arrays, big values
create table a (
    id integer primary key, n numeric, f float8, d date, t timestamptz, j json, jb jsonb, b bytea, ar text[][],
    i interval, x bit varying, u uuid, m macaddr, l lseg, tq tsquery, v txid_snapshot, s text
);
-- rows
insert into a values
    (1, 'NaN', 'Infinity', 'infinity', '-infinity', '{"a" :  1, "a": 2}', '{"a": 2}', '\x00ff', '{{a,b},{NULL,"c d"}}',
     '1 mon -1 day', '101', gen_random_uuid(), '08:00:2b:01:02:03', '[(0,0),(1,1)]', 'fat & (rat | cat)', null, ''),
    (2, 123456789012345678901234567890.123456789, 0.1::float8 + 0.2::float8, '0001-01-01 BC', '2020-06-01 12:00+02', null, null, '', '{}',
     'P1Y2M', '', null, null, null, null, null, repeat('ünï ', 3000)),
    (3, null, '-0', null, null, null, null, null, null, null, null, null, null, null, null, null, E'tab\t nl\n \\N');
