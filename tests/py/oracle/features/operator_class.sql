-- superuser
-- refused: pair_ops|pair_family|operator
-- operator classes and families, default and not, used by an index
create type pair as (l integer, r integer);
create function pair_cmp(a pair, b pair) returns integer language sql immutable as 'select btint4cmp((a).l, (b).l)';
create function pair_lt(a pair, b pair) returns boolean language sql immutable as 'select (a).l < (b).l';
create function pair_eq(a pair, b pair) returns boolean language sql immutable as 'select (a).l = (b).l';
create function pair_gt(a pair, b pair) returns boolean language sql immutable as 'select (a).l > (b).l';
create operator <# (leftarg = pair, rightarg = pair, function = pair_lt);
create operator =# (leftarg = pair, rightarg = pair, function = pair_eq);
create operator ># (leftarg = pair, rightarg = pair, function = pair_gt);
create operator family pair_family using btree;
create operator class pair_ops for type pair using btree family pair_family as
    operator 1 <#, operator 3 =#, operator 5 >#, function 1 pair_cmp(pair, pair);
create function pair_hash(p pair) returns integer language sql immutable as 'select hashint4((p).l)';
create operator class pair_hash_ops default for type pair using hash as operator 1 =#, function 1 pair_hash(pair);
create operator class text_reverse for type text using btree as
    operator 1 pg_catalog.>, operator 3 pg_catalog.=, operator 5 pg_catalog.<, function 1 bttextcmp(text, text);
create operator class box_store for type box using gist as
    operator 3 &&, function 1 gist_box_consistent(internal, box, smallint, oid, internal),
    function 2 gist_box_union(internal, internal), function 5 gist_box_penalty(internal, internal, internal),
    function 6 gist_box_picksplit(internal, internal), function 7 gist_box_same(box, box, internal), storage box;
create table a (p pair, v text);
create index a_p on a (p pair_ops);
create index a_h on a using hash (p);
create index a_v on a (v text_reverse desc);
comment on operator class pair_ops using btree is 'by the left';
comment on operator family pair_family using btree is 'of pairs';
-- rows
insert into a values (row(1, 2), 'x');
