-- a comment on the schema, with quotes and two lines
comment on schema {schema} is 'it''s
a "schema" \ here';
