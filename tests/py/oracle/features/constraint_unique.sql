-- unique constraints: names, deferrability, nulls not distinct, include, options
create table a (
    a integer, b integer, c text, d text,
    constraint one unique (a), constraint two unique (b, a) include (c) deferrable initially deferred,
    constraint three unique nulls not distinct (c), unique (d) with (fillfactor = 80)
);
comment on constraint two on a is 'later';
comment on index three is 'an index of a constraint';
-- rows
insert into a values (1, 1, null, null), (2, 1, 'x', null);
