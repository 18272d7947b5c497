-- two views that refer to one another (made by replacing the first)
-- refused: a_view|b_view
-- skip-replay
create table t (id integer);
create view a_view as select id from t;
create view b_view as select id from a_view;
create or replace view a_view as select b_view.id from b_view;
