-- an index of the parent only, attached by hand; a child's index with its own name
create table p (id integer, v text) partition by range (id);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index p_v on only p (v);
create index "Hand made" on p1 (v);
alter index p_v attach partition "Hand made";
create index p_id on p (id desc nulls last);
alter index p1_id_idx rename to renamed;
