-- hash partitions, with an operator class and collation in the key
create table h (id integer, t text) partition by hash (id, t collate "C" text_ops);
create table h0 partition of h for values with (modulus 2, remainder 0);
create table h1 partition of h for values with (modulus 4, remainder 1);
create table h3 partition of h for values with (modulus 4, remainder 3);
-- rows
insert into h select n, n::text from generate_series(1, 20) n;
