-- hostile names in every place at once
create type "t'; drop table x; --" as enum ('''; select 1; --', '$$');
create table "a "" b" (
    "c'd" integer generated always as identity, "e\f" "t'; drop table x; --" default '$$', "%I %s %L" text default '%I',
    "$1" integer constraint "ck "" '" check ("$1" > 0), "ÜÑÏ" text collate "C", primary key ("c'd")
);
create index "i "" '" on "a "" b" (lower("%I %s %L")) where "e\f" = '$$';
create function "f "" '$$"("p "" '" integer default 1, variadic "v""" text[] default '{}') returns text
language plpgsql as $_$ begin return '$$ it''s $1'; end; $_$;
create function "trg "" $$"() returns trigger language plpgsql as $body$ begin return new; end; $body$;
create trigger "tr "" '" before update of "%I %s %L" on "a "" b" for each row
    when (new."$1" > 5) execute function "trg "" $$"('it''s', '"', '$$', '\', '%I');
create view "v "" '" as select "c'd" as "x "" y", "%I %s %L" || '$$ ; ''' as "z;" from "a "" b";
create rule "r "" '" as on delete to "a "" b" do instead nothing;
create policy "p "" '" on "a "" b" using ("%I %s %L" <> '''');
create sequence "s "" '" owned by "a "" b"."$1";
create statistics "st "" '" on "$1", "ÜÑÏ" from "a "" b";
create domain "d "" '" as text constraint "dc "" '" check (value <> '"');
create function "sf "" '"(text, "d "" '") returns text language sql immutable as 'select $1';
create aggregate "ag "" '"("d "" '") (sfunc = "sf "" '", stype = text, initcond = '"''');
comment on table "a "" b" is '$$ '' " \ %I x';
comment on constraint "ck "" '" on "a "" b" is '''';
comment on column "a "" b"."%I %s %L" is E'\\''';
comment on trigger "tr "" '" on "a "" b" is '%s';
grant select ("%I %s %L") on "a "" b" to {rw};
-- rows
insert into "a "" b" ("%I %s %L", "$1") values ('%s $$ '' "', 3);
