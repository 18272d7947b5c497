-- Shorthand for a fake of a kind, out of the keyed hash m.h of the value: what is equal becomes equal. Nothing that could belong
-- to somebody: telephone numbers of a country code, accounts of a bank, and cards of an issuer that do not exist.
create or replace function freehold._mask_fake(kind text, class text, days integer default 30) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with part (hex, digits, first_name, last_name, street, city, company, trade) as (
        select '#encode(m.h, ''hex'')', '#translate(#encode(m.h, ''hex''), ''abcdef'', ''012345'')',
               v_word.pick[1], v_word.pick[2], v_word.pick[3], v_word.pick[4], v_word.pick[5], v_word.pick[6]
        from (
            select array_agg(format('(%L::#text[])[1 {+} ((#get_byte(m.h, %s) {*} 256 {+} #get_byte(m.h, %s)) {%%} %s)]',
                                    freehold._mask_words(w.kind), w.place, w.place + 1, cardinality(freehold._mask_words(w.kind)))
                             order by w.place) as pick
            from (values ('first_name', 16), ('last_name', 18), ('street', 20), ('city', 22), ('company', 24), ('trade', 26))
                as w (kind, place)) as v_word
    )
    select case kind
        when 'first_name' then p.first_name
        when 'last_name' then p.last_name
        when 'name' then format('#concat(%s, '' '', %s)', p.first_name, p.last_name)
        when 'email' then format('#concat(case when <n> {>=} 40 then #concat(#lower(%s), ''.'') end, #left(%s, '
                                 'case when <n> {>=} 28 then 16 else <n> {-} 12 end), ''@example.com'')', p.first_name, p.hex)
        when 'phone' then format('#concat(''+999'', #left(%s, 9))', p.digits)
        when 'street' then format('#concat(%s, '' '', 1 {+} #get_byte(m.h, 0))', p.street)
        when 'city' then p.city
        when 'company' then format('#concat(%s, '' '', %s)', p.company, p.trade)
        when 'iban' then format(
            '(select #concat(''DE'', #lpad((98::#numeric {-} #mod(#concat(d.d, ''131400'')::#numeric, 97::#numeric))::#text, 2, ''0''), '
            'd.d) '
            'from (select #concat(''0'', #left(%s, 17)) as d offset 0) as d)', p.digits)
        when 'card' then format(
            '(select #concat(d.d, (10 {-} ((select #sum(case when i.i {%%} 2 {=} 0 then c.c else c.c {*} 2 {/} 10 {+} '
            '(c.c {*} 2 {%%} 10) end) '
            'from #generate_series(1, 15) as i (i) cross join lateral (select #substr(d.d, i.i, 1)::#int4 as c) as c) {%%} 10)) {%%} 10) '
            'from (select #concat(''9999'', #left(%s, 11)) as d offset 0) as d)', p.digits)
        when 'ip' then '#concat(''10.'', #get_byte(m.h, 0), ''.'', #get_byte(m.h, 1), ''.'', #get_byte(m.h, 2))'
        when 'url' then format('#concat(''https://example.com/'', #left(%s, 16))', p.hex)
        when 'uuid' then '#encode(#substr(m.h, 1, 16), ''hex'')::#uuid'
        when 'date' then format(
            case when class = 'date' then '<v> {+} <o>'
                 else '<v> {+} #make_interval(days => <o>, secs => (#get_byte(m.h, 4) {*} 337)::#float8)' end)
        when 'text' then '(select #substr(#repeat(l.l, #length(<t>) {/} #length(l.l) {+} 2), 1 {+} #get_byte(m.h, 0), #length(<t>)) '
            'from (select ''lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore '
            'magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat duis '
            'aute irure dolor in reprehenderit in voluptate velit esse cillum ''::#text as l offset 0) as l)'
    end
    from part as p
$$;
