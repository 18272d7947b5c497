-- type modifiers and arrays of them
create table a (
    c char(3), v varchar(20), n numeric(10, 3), m numeric(3, -2), b bit(4), vb bit varying(9), t time(2),
    tz timestamptz(0), iv interval day to second(3), iy interval year, ar varchar(5)[], aa integer[][], "char" "char",
    nm name, x xml, j jsonb, p point, i inet, u uuid, o oid, tv tsvector, mo money, by bytea, dbl double precision
);
-- rows
insert into a (c, v, n, m, b, vb, t, tz, iv, iy, ar, "char", nm, j, p, i, tv, by)
values ('ab', 'x', 1.5, 1200, '1010', '101', '10:11:12.345', '2020-01-01 10:11:12.9+00', '1 day 2 hours', '3 years',
        '{a,"b c"}', 'q', 'name', '{"a": [1, null]}', '(1,2)', '10.0.0.1/8', 'fat:1 cat:2', '\xdeadbeef');
