-- Shorthand for what a rule makes of one value that is not null: <v> is the value, <t> its text, <f> what fills a
-- gap, <m> the largest integer of the type. A digest is of the text alone, so
-- that equal values become equal in all columns of a clone, and keys still meet.
create or replace function freehold._mask_value(rule text, options jsonb, class text, length integer) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case rule
        when 'hash' then case class
            when 'bytea' then '#sha256(#convert_to(~salt~, ''UTF8'') {||} <v>)'
            when 'uuid' then format(c.digest, 'select #encode(#substr(m.h, 1, 16), ''hex'')::#uuid')
            when 'macaddr' then format(c.digest, 'select #concat(''02'', #left(#encode(m.h, ''hex''), 10))::#macaddr')
            else format('#left(#encode(%s, ''hex''), %s)', c.hash, least(coalesce((options ->> 'length')::integer, 32), length, 64)) end
        when 'partial' then format(
            'case when #length(<t>) {>} %1$s then #concat(#left(<t>, %2$s), #repeat(<f>, #length(<t>) {-} %1$s), #right(<t>, %3$s)) '
            'else #repeat(<f>, #length(<t>)) end',
            c.prefix + c.suffix, c.prefix, c.suffix)
        when 'keep_format' then case
            -- What is too large for the type is masked again until it is not: that way a permutation of the type's values is left.
            when class = 'integer'
            then format('(with recursive w (x) as (select %s::#numeric union select %s::#numeric from w where w.x {>} <m>::#numeric) '
                        'select w.x from w where w.x {<=} <m>::#numeric) {*} #sign(<v>::#numeric)',
                        replace(freehold._mask_keep_format(true), '<t>', '#abs(<v>::#numeric)::#text'),
                        replace(freehold._mask_keep_format(true), '<t>', 'w.x::#text'))
            when class = 'numeric'
            then replace(freehold._mask_keep_format(true), '<t>', '#abs(<v>::#numeric)::#text') || '::#numeric {*} #sign(<v>::#numeric)'
            else freehold._mask_keep_format(false) end
        when 'fake' then format(c.digest, case
            when options ->> 'kind' = 'date'
            then 'select ' || replace(freehold._mask_fake('date', class), '<o>', format(
                '(((#get_byte(m.h, 0) {*} 256 {+} #get_byte(m.h, 1)) {%%} %1$s) {-} %2$s {+} '
                'case when ((#get_byte(m.h, 0) {*} 256 {+} #get_byte(m.h, 1)) {%%} %1$s) {>=} %2$s then 1 else 0 end)', c.days * 2, c.days))
            when class = 'text' and options ->> 'kind' in ('email', 'iban', 'card', 'uuid', 'url')
            then format('select (%s)::#text',
                        replace(freehold._mask_fake(options ->> 'kind', class), '<n>', coalesce(length, 1000)::text))
            when class = 'text'
            then format('select #left(%s, %s)', freehold._mask_fake(options ->> 'kind', class), coalesce(length, 1000000000))
            else format('select (%s)::#%I', freehold._mask_fake(options ->> 'kind', class), class) end)
        when 'json_values' then
            '(select #string_agg(case '
            'when #right(l.t, 1) {=} ''"'' then #concat(''"'', #left(#encode(#sha256(#convert_to(~salt~ {||} l.t, ''UTF8'')), ''hex''), '
            '16), ''"'') '
            'when #ascii(l.t) {=} 45 or (#ascii(l.t) {>=} 48 and #ascii(l.t) {<=} 57) then #left(#translate(#encode(#sha256('
            '#convert_to(~salt~ {||} l.t, ''UTF8'')), ''hex''), ''abcdef'', ''123456''), least(#length(l.t), 9))::#numeric::#text '
            'else l.t end, '''' order by u.n) '
            'from #regexp_matches(<v>::#jsonb::#text, ''"(?:[^"\\]|\\.)*":?|-?[0-9][0-9.eE+-]*|[^"0-9-]+'', ''g'') '
            'with ordinality as u (t, n) '
            'cross join lateral (select u.t[1] as t) as l)::#' || class
        end
    from (
        select '#sha256(#convert_to(~salt~ {||} <t>, ''UTF8''))',
               '(%s from (select #sha256(#convert_to(~salt~ {||} <t>, ''UTF8'')) as h offset 0) as m)',
               coalesce((options ->> 'prefix')::integer, 1), coalesce((options ->> 'suffix')::integer, 1),
               coalesce((options ->> 'days')::integer, 30)
    ) as c (hash, digest, prefix, suffix, days)
$$;
