-- operators: unary, commutator, negator, estimators, merges and hashes; schema's own types
create type pair as (l integer, r integer);
create function pair_eq(a pair, b pair) returns boolean language sql immutable as 'select a.l = b.l and a.r = b.r';
create function pair_ne(a pair, b pair) returns boolean language sql immutable as 'select not (a.l = b.l and a.r = b.r)';
create function pair_neg(a pair) returns pair language sql immutable as 'select row(-(a).l, -(a).r)::pair';
create function pair_lt(a pair, b pair) returns boolean language sql immutable as 'select (a).l < (b).l';
create operator === (leftarg = pair, rightarg = pair, function = pair_eq, commutator = ===, negator = !==,
    restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator !== (leftarg = pair, rightarg = pair, function = pair_ne, commutator = !==, negator = ===, restrict = neqsel);
create operator <<< (leftarg = pair, rightarg = pair, function = pair_lt, commutator = >>>);
create function pair_gt(a pair, b pair) returns boolean language sql immutable as 'select (a).l > (b).l';
create operator >>> (leftarg = pair, rightarg = pair, function = pair_gt, commutator = <<<);
create operator @@@ (rightarg = pair, function = pair_neg);
create table a (p pair);
create view v as select p, @@@ p as neg, p === row(1, 2)::pair as same from a;
create index a_p on a (p) where p !== row(0, 0)::pair;
comment on operator === (pair, pair) is 'equal';
comment on operator @@@ (none, pair) is 'negated';
-- rows
insert into a values (row(1, 2));
