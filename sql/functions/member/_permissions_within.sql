-- Whether whoever holds some permissions may give others away: only what he has.
create or replace function freehold._permissions_within(given text[], held text[]) returns boolean
    language sql immutable security invoker
    return coalesce('*' = any (held) or given <@ held, false);
