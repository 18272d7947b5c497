-- superuser
-- refused: tmpl|prs
-- templates and parsers
create text search template tmpl (init = dsimple_init, lexize = dsimple_lexize);
create text search parser prs (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype, headline = prsd_headline);
create text search dictionary dict (template = tmpl, stopwords = english);
create text search configuration conf (parser = prs);
alter text search configuration conf add mapping for word with dict;
comment on text search template tmpl is 'a template';
comment on text search parser prs is 'a parser';
