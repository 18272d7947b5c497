-- min-version: 18
-- named not null constraints, not valid, no inherit, with comment
create table a (id integer constraint id_is_there not null, v text, w text not null no inherit);
alter table a add constraint v_is_there not null v not valid;
comment on constraint id_is_there on a is 'named';
create table b (id integer constraint b_first not null primary key);
