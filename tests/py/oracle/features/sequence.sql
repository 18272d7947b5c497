-- every option of a sequence, and its value
create sequence plain;
create sequence every as smallint increment by -3 minvalue -300 maxvalue 300 start with 30 cache 7 cycle;
create sequence wide as bigint start with 5000000000 minvalue 100;
create sequence untouched start with 17;
comment on sequence every is 'downwards';
-- rows
select nextval('plain'), nextval('plain');
select setval('every', -297, true);
select setval('wide', 5000000100, false);
