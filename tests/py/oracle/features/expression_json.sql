-- min-version: 17
-- SQL's own functions of JSON
create table t (v varchar, j jsonb, i integer, check (v is json object with unique keys), check (json_exists(j, '$.a' passing 1 as x)));
create view a as
select json_value(j, '$.a' returning integer default - 1 on empty error on error) as a,
    json_query(j, '$.b' returning varchar(10) keep quotes empty object on empty) as b, json_scalar(v) as c,
    json_serialize(j returning bytea) as d, json_value(j, '$.a') in ('a', null) as e,
    json_object('a': 1, 'b' value v null on null with unique keys returning jsonb) as f, json_array(select i from t) as g,
    json_arrayagg(v order by i absent on null returning jsonb) as h, json_objectagg(v: i with unique keys) as k
from t group by j, v;
create view b as
select * from t, json_table(j, '$.a[*]' as root passing i as x columns (
    z text path '$.z' default 'x' on empty error on error, o for ordinality, e boolean exists path '$.e',
    w jsonb format json path '$.w' with wrapper, nested path '$.n[*]' columns (k integer))) q;
