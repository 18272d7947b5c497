-- An expression over a sample s that says what its texts, in this column of it, look like. Whoever evaluates it learns a kind, or
-- nothing, and no text. Accounts and cards count where their check digits are right.
create or replace function freehold._mask_content(field text) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with pattern (name, body) as (
        values
            ('secret', 'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY|\m[spr]k_(?:live|test)_[0-9A-Za-z]{10,}'
                '|\mAKIA[0-9A-Z]{16}\M|\mgh[pousr]_[0-9A-Za-z]{20,}|[$]2[aby][$][0-9]{2}[$]|[$]argon2|SCRAM-SHA-256[$]'),
            ('email', '[[:alnum:]._%+-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)*\.[[:alpha:]]{2,}'),
            ('iban', '\m[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\M'),
            ('card', '\m[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}\M'),
            ('phone', '(?:^|[^[:alnum:]])[+][1-9][0-9 ()./-]{7,18}[0-9]'),
            ('local', '^[(]?0(?=.*[ ()/-])[0-9 ()./-]{7,16}[0-9]$|^[(]?[2-9][0-9]{2}[)]?[ .-][0-9]{3}[ .-][0-9]{4}$'),
            ('day', '^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}$'),
            ('field', '"[a-z_ ]*(?:name|mail|phone|mobile|address|street|city|birth[a-z]*|dob|ssn|passport|iban|password|token|secret'
                '|ip)"\s*:'),
            ('ip', '\m(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\M'
                '|\m(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}\M|\m[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){1,6}::')
    ), literal as (
        select jsonb_object_agg(p.name, quote_literal(p.body)) as of from pattern as p
    )
    select replace(format(
        freehold._mask_text(
            '(case when #count(*) filter (where <f> {~} %1$s) {>} 0 then ''secret'' '
            'when #count(*) filter (where <f> {~} %2$s) {>} 0 then ''email'' '
            'when #count(*) filter (where case when <f> {~} %3$s then (select #mod(#string_agg('
            'case when c.c {~} ''[A-Z]'' then (#ascii(c.c) {-} 55)::#text else c.c end, '''' order by c.i)::#numeric, 97::#numeric) '
            '{=} 1::#numeric from (select #replace(#substring(<f>, %3$s), '' '', '''') as x offset 0) as x cross join '
            '#unnest(#string_to_array(#concat(#substr(x.x, 5), #left(x.x, 4)), null)) with ordinality as c (c, i)) end) {>} 0 '
            'then ''iban'' '
            'when #count(*) filter (where case when <f> {~} %4$s then (select #sum(case when c.i {%%} 2 {=} 1 then c.c::#int4 '
            'else c.c::#int4 {*} 2 {/} 10 {+} (c.c::#int4 {*} 2 {%%} 10) end) {%%} 10 {=} 0 from '
            '#unnest(#string_to_array(#reverse(#translate(#substring(<f>, %4$s), '' -'', '''')), null)) with ordinality as c (c, i)) end) '
            '{*} 2 {>} #count(*) filter (where <f> {~} %4$s) then ''card'' '
            'when #count(*) filter (where <f> {~} %5$s) {>} 0 then ''phone'' '
            'when #count(*) filter (where <f> {~} %6$s and <f> {!~} %7$s) {*} 5 {>} #count(<f>) then ''phone'' '
            'when #count(*) filter (where <f> {~} %8$s) {>} 0 then ''ip'' '
            'when #count(*) filter (where <f> {~*} %9$s) {>} 0 then ''text'' end)'),
        l.of ->> 'secret', l.of ->> 'email', l.of ->> 'iban', l.of ->> 'card', l.of ->> 'phone', l.of ->> 'local', l.of ->> 'day',
        l.of ->> 'ip', l.of ->> 'field'), '<f>', field)
    from literal as l
$$;
