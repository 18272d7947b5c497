-- a domain with default, not null and named checks
create domain email as text default 'nobody@example.org' not null
    constraint has_at check (value like '%@%')
    constraint short check (length(value) < 100);
create table a (id integer primary key, e email);
comment on domain email is 'an address';
comment on constraint has_at on domain email is 'one @ at least';
-- rows
insert into a (id) values (1);
