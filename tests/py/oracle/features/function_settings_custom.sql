-- superuser
-- refused: function f|own_setting
-- a setting that the server does not know: only a superuser may attach it
create function f() returns integer language sql set app.own_setting = 'it''s, "quoted"' as 'select 1';
