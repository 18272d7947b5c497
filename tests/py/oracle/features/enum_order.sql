-- values added before and after others: order is enumsortorder, not oid
create type mood as enum ('low', 'high');
alter type mood add value 'middle' before 'high';
alter type mood add value 'lowest' before 'low';
alter type mood add value 'top';
create table a (m mood);
