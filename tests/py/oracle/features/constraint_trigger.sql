-- constraint triggers, deferrable, with a referenced table
create function noop() returns trigger language plpgsql as $$ begin return null; end; $$;
create table t (id integer);
create table a (id integer);
create constraint trigger plain after insert on a for each row execute function noop();
create constraint trigger later after insert or update of id on a from t
    deferrable initially deferred for each row when (new.id > 0) execute function noop('x');
comment on trigger later on a is 'at commit';
