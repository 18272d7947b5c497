-- names with quotes, spaces, capitals, dots, unicode, percent signs and 63 bytes
create type "Ty pe" as enum ('a');
create domain "Do.main" as text;
create table "Ta""ble's" (
    "Id" integer generated always as identity, "sp ace" text default 'x', "dot.ted" "Ty pe", "ünïcode ☃" "Do.main", "per%cent" integer,
    "a23456789b123456789c123456789d123456789e123456789f123456789g12" text
);
create index "In'dex" on "Ta""ble's" ("dot.ted", "per%cent");
create function "fu nc"("ar""g" "Ty pe") returns "Do.main" language sql as $$ select 'x'::"Do.main" $$;
create view "Vi ew" as select "Id", "sp ace" as "a b" from "Ta""ble's";
comment on column "Ta""ble's"."dot.ted" is 'dot';
-- rows
insert into "Ta""ble's" ("dot.ted", "ünïcode ☃", "per%cent") values ('a', 'x', 1);
