create or replace function freehold._text_digest(script text) returns text
    language sql immutable security invoker
    return encode(sha256(convert_to(script, 'UTF8')), 'hex');
