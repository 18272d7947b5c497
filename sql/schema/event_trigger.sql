-- What writes events by itself, and what keeps them. The guard holds in every session_replication_role.
create or replace trigger event_guard before update or delete or truncate on freehold.event
    for each statement execute function freehold._event_guard();
alter table freehold.event enable always trigger event_guard;
create or replace trigger operation_event after insert on freehold.operation
    for each row when (new.state = 'failed' or new.state <> 'running' and new.kind <> 'setting_set')
    execute function freehold._event_operation();
create or replace trigger operation_event_change after update of state, staged on freehold.operation
    for each row when ((old.state <> new.state or old.staged <> new.staged) and new.kind <> 'setting_set')
    execute function freehold._event_operation();
create or replace trigger setting_event after update of value on freehold.setting
    for each row execute function freehold._event_setting();
create or replace trigger seal_guard before update or delete or truncate on freehold.seal
    for each statement execute function freehold._event_guard();
alter table freehold.seal enable always trigger seal_guard;
