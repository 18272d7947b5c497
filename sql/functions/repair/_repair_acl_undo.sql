create or replace function freehold._repair_acl_undo(ddl text) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_mask constant text := freehold._repair_mask(ddl);
    v_verb constant integer := regexp_instr(v_mask, '(^| )(grant|revoke) ');
    v_who constant integer := regexp_instr(v_mask, ' (to|from) [^ ]+( with grant option)?$');
    v_grants constant boolean := substr(v_mask, v_verb) ~ '^ ?grant';
    v_tail constant text := regexp_replace(regexp_replace(substr(ddl, v_who + 1), '^(to|from) ', ''), ' with grant option$', '');
begin
    return concat(
        left(ddl, v_verb - 1), case when v_verb > 1 then ' ' end, case when v_grants then 'revoke' else 'grant' end,
        regexp_replace(substr(ddl, v_verb, v_who - v_verb), '^ ?(grant|revoke)', ''),
        case when v_grants then ' from ' else ' to ' end, v_tail,
        case when v_grants and ddl ~ ' with grant option$' then ' cascade' end);
end
$$;

comment on function freehold._repair_acl_undo(text) is 'The statement that takes a GRANT back, or a REVOKE, or a default privilege.';
