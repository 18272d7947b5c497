-- configurations and dictionaries
create text search dictionary nostem (template = simple, stopwords = english, accept = false);
create text search dictionary syn (template = snowball, language = spanish, stopwords = spanish);
create text search configuration mine (copy = simple);
alter text search configuration mine alter mapping for asciiword, word with nostem, syn, pg_catalog.english_stem;
alter text search configuration mine drop mapping for email, url;
create text search configuration bare (parser = default);
create table a (v text, t tsvector generated always as (to_tsvector('mine', v)) stored);
create index a_v on a using gin (to_tsvector('mine'::regconfig, v));
comment on text search configuration mine is 'our words';
comment on text search dictionary nostem is 'no stems';
-- rows
insert into a (v) values ('The cats and dogs');
