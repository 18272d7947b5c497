-- an index on the parent that is not valid since a partition lacks it
create table p (id integer, v text) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create index p_v on only p (v);
