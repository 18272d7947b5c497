-- Not called immutable, as convert_to() is not: so the planner takes it apart where it stands.
create or replace function freehold._text_digest(script text) returns text
    language sql stable security invoker
    return encode(sha256(convert_to(script, 'UTF8')), 'hex');
