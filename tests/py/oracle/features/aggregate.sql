-- aggregates of every sort
create function push(s integer[], n integer) returns integer[] language sql immutable as 'select s || n';
create function pull(s integer[], n integer) returns integer[] language sql immutable as 'select s[2:]';
create function finish(s integer[]) returns integer language sql immutable as 'select cardinality(s)';
create function merge_all(a integer[], b integer[]) returns integer[] language sql immutable as 'select a || b';
create function finish_extra(s integer[], n integer) returns integer language sql immutable as 'select cardinality(s)';
create aggregate simple(integer) (sfunc = push, stype = integer[], finalfunc = finish, initcond = '{}');
create aggregate complete(integer) (
    sfunc = push, stype = integer[], sspace = 128, finalfunc = finish_extra, finalfunc_extra,
    finalfunc_modify = shareable, combinefunc = merge_all, initcond = '{}',
    msfunc = push, minvfunc = pull, mstype = integer[], msspace = 64, mfinalfunc = finish,
    mfinalfunc_modify = read_write, minitcond = '{7}', parallel = safe
);
create aggregate star(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create aggregate many(variadic integer[]) (sfunc = merge_all, stype = integer[]);
create aggregate biggest(integer) (sfunc = int4larger, stype = integer, sortop = >);
create function place(s integer[], f float8, n integer) returns integer language sql immutable as 'select s[1]';
create aggregate my_place(float8 order by integer) (
    sfunc = push, stype = integer[], finalfunc = place, finalfunc_extra, initcond = '{}'
);
comment on aggregate complete(integer) is 'everything';
comment on aggregate star(*) is 'counts';
comment on aggregate my_place(float8 order by integer) is 'ordered';
