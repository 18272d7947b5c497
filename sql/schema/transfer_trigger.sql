-- An export or a restore lends rights until it ends, so a transaction that has not ended it is not committed.
do $$
begin
    if not exists (select from pg_catalog.pg_trigger as t
                   where t.tgrelid = 'freehold.operation'::regclass and t.tgname = 'operation_transfer')
    then
        create constraint trigger operation_transfer after insert on freehold.operation
            deferrable initially deferred
            for each row when (new.kind in ('export', 'restore') and new.state = 'running')
            execute function freehold._transfer_ended();
    end if;
end
$$;
