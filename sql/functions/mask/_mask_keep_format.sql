-- Shorthand that puts other digits for digits and other letters for letters of the text <t>: a Feistel network of four rounds
-- over its halves, each shifted within the class of its characters by a keyed hash of the other one. That is a permutation:
-- different texts stay different. With digits only, a first digit that is not 0 stays one that is not.
create or replace function freehold._mask_keep_format(digits boolean) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format(
        '(select #concat(r3.a, r4.b) from '
        '(select #left(v.t, (#length(v.t) {+} 1) {/} 2) as a, #substr(v.t, (#length(v.t) {+} 1) {/} 2 {+} 1) as b '
        'from (select <t> as t offset 0) as v offset 0) as r0 %s)',
        string_agg(format('cross join lateral (select %s as %s offset 0) as r%s',
            replace(replace(replace(replace(replace(replace(
                '#coalesce((select #string_agg(case <map> else c.c end, '''' order by c.i) '
                'from (select (select #string_agg(#sha256(#convert_to(~salt~ {||} ''<round>.'' {||} b.b::#text {||} ''.'' {||} <key>, '
                '''UTF8'')), ''''::#bytea order by b.b) from #generate_series(0, #length(<x>) {/} 32) as b (b)) as k offset 0) as s '
                'cross join #unnest(#string_to_array(<x>, null)) with ordinality as c (c, i) '
                'cross join lateral (select #ascii(c.c) as n, #get_byte(s.k, c.i::#int4 {-} 1) as k) as u), '''')',
                '#coalesce', 'coalesce'),
                '<map>', case when digits then
                    case side when 'a' then 'when c.i {=} 1 and u.n {=} 48 then c.c '
                        'when c.i {=} 1 and u.n {>=} 49 and u.n {<=} 57 then #chr(49 {+} ((u.n {-} 49 {+} u.k) {%} 9)) ' else '' end
                    || 'when u.n {>=} 48 and u.n {<=} 57 then #chr(48 {+} ((u.n {-} 48 {+} u.k) {%} 10))'
                else
                    'when u.n {>=} 48 and u.n {<=} 57 then #chr(48 {+} ((u.n {-} 48 {+} u.k) {%} 10)) '
                    'when u.n {>=} 65 and u.n {<=} 90 then #chr(65 {+} ((u.n {-} 65 {+} u.k) {%} 26)) '
                    'when u.n {>=} 97 and u.n {<=} 122 then #chr(97 {+} ((u.n {-} 97 {+} u.k) {%} 26)) '
                    'when u.n {>=} 192 and not (u.n {>=} 8192 and u.n {<=} 11263) and not (u.n {>=} 12288 and u.n {<=} 12351) '
                    'then #chr(u.n {/} 64 {*} 64 {+} ((u.n {%} 64 {+} u.k) {%} 64))' end),
                '<round>', round::text), '<key>', key), '<x>', x), '  ', ' '),
            side, round), ' ' order by round))
    from (values (1, 'a', 'r0.a', 'r0.b'), (2, 'b', 'r0.b', 'r1.a'), (3, 'a', 'r1.a', 'r2.b'), (4, 'b', 'r2.b', 'r3.a'))
        as r (round, side, x, key)
$$;
