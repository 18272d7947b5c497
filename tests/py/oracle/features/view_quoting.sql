-- view text with literals, unicode and names that need quotes, and the schema's name in a literal
-- names-schema
create table "Sel ect" ("from" integer, "ünï" text);
create view "Vi""ew" as select "from" as "group", "ünï" || '{schema}.x' as "it's", E'\\ \n tab' as c from "Sel ect" "order";
-- rows
insert into "Sel ect" values (1, 'x');
