create or replace function freehold._runner_name(home_id uuid) returns name
    language sql immutable security invoker
    return 'run_' || replace(home_id::text, '-', '');
