-- reserved words as names of everything
create type "user" as enum ('select');
create domain "order" as integer check (value > 0);
create sequence "table";
create table "select" ("from" integer primary key, "where" "order", "group" "user", "current_user" text, "default" integer default 1);
create table "primary" ("references" integer references "select" ("from"), constraint "check" check ("references" > 0));
create index "index" on "select" ("where" desc);
create view "view" as select "from", "where" as "limit" from "select" "offset";
create function "function"("in" integer, out "out" integer) language sql as 'select $1';
create function "returns"("both" "order") returns "user" language sql as $$ select 'select'::"user" $$;
create function "trigger"() returns trigger language plpgsql as $$ begin return new; end; $$;
create trigger "trigger" before insert on "select" for each row execute function "trigger"();
create rule "rule" as on delete to "select" do instead nothing;
create policy "policy" on "select" to {rw} using ("from" > 0);
create statistics "statistics" on "from", "where" from "select";
create materialized view "materialized" as select 1 as "as";
-- rows
insert into "select" values (1, 2, 'select', 'me');
