-- three levels, a primary key and foreign key through all of them
create table customer (id integer primary key);
create table sale (id integer, day date, region text, customer_id integer references customer, primary key (id, day, region))
    partition by range (day);
create table sale_2020 partition of sale for values from ('2020-01-01') to ('2021-01-01') partition by list (region);
create table sale_2020_eu partition of sale_2020 for values in ('eu') partition by hash (id);
create table sale_2020_eu_0 partition of sale_2020_eu for values with (modulus 2, remainder 0);
create table sale_2020_eu_1 partition of sale_2020_eu for values with (modulus 2, remainder 1);
create table sale_2020_rest partition of sale_2020 default;
create table sale_default partition of sale default;
create index sale_customer on sale (customer_id);
-- rows
insert into customer values (1), (2);
insert into sale select n, '2020-01-01'::date + n * 30, (array['eu', 'us'])[1 + n % 2], 1 + n % 2 from generate_series(1, 20) n;
