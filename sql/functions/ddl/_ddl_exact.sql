-- Four things PostgreSQL prints and does not read back alike, so that a copy would differ from its source for ever:
--   varchar_column in ('a', 'b') is printed (varchar_column)::text = any ((array['a'::character varying, ...])::text[]), and
--   cidr, regclass, domains and numbers alike. A cast right outside ARRAY[] is read as its elements' type; with the array's
--   own type in between it is read as it was. That type is what an element is cast to as a whole, the others follow it;
--   x in (a, b, 'c') is printed ((x = a) OR (x = b)) OR ..., which is read as one flat OR;
--   - '5'::integer is printed (- 5), which is read as a constant;
--   a column without AS has the name "?column?"; where a cast was added in print, that is read as its name.
-- Callers look whether there is anything of the kind: a walk over the text costs a millisecond.
create or replace function freehold._ddl_exact(ddl text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Keywords are printed in upper case, types in lower case or quoted.
    c_type constant text := '(?:[a-z0-9_$]+|"(?:[^"]|"")*")(?:[. ](?:[a-z0-9_$]+|"(?:[^"]|"")*"))*'
        '(?:\([0-9, -]+\))?(?: with(?:out)? time zone)?(?:\[\])*';
    c_whole constant text := '^ ?(?:''''|[A-Z_]+|(?:[a-z0-9_$.]|"(?:[^"]|"")*")+)?(?:\([0-9, -]*\))?(?:\[\])*'
        '(?:::' || c_type || ')*::(' || c_type || ')$';
    v_token text[];
    v_out text[];
    v_count integer;
    v_depth integer := 1;
    -- Per open bracket: where it is; ARRAY[; the type of its elements so far, '' where they disagree, and whether it goes
    -- without its length; inside a select list;
    -- the text of this element or column with what is in brackets left out; whether it has a name; its AND or OR.
    v_open integer[] := array[0];
    v_array boolean[] := array[false];
    v_type text[] := array[null::text];
    v_bare boolean[] := array[false];
    v_list boolean[] := array[false];
    v_text text[] := array[''];
    v_named boolean[] := array[false];
    v_operator text[] := array[''];
    v_inner text;
    v_cast text;
    v_first text;
    v_next integer;
    t text;
begin
    v_token := array(
        select r.match[1]
        from regexp_matches(ddl, '(''(?:[^'']|'''')*''|"(?:[^"]|"")*"|[A-Z_]+|[^''"()[\],A-Z_]+[^''"()[\],A-Z]*|.)', 'g')
            with ordinality r (match, n)
        order by r.n);
    v_out := v_token;
    v_count := cardinality(v_token);
    for i in 1 .. v_count + 1 loop
        t := coalesce(v_token[i], '');
        if v_list[v_depth] and (
            t in ('', ')', ']', ',', 'FROM', 'UNION', 'EXCEPT', 'INTERSECT', 'WHERE', 'ORDER', 'GROUP', 'HAVING', 'LIMIT', 'OFFSET',
                  'FETCH', 'WINDOW')
            or t ~ ';\s*$')
        then
            if not v_named[v_depth]
                and rtrim(v_text[v_depth] || coalesce(substring(t from '^(.*);\s*$'), ''), E' \n') ~ ('::' || c_type || '$')
            then
                if t ~ ';\s*$' then
                    v_out[i] := regexp_replace(t, ';\s*$', ' AS "?column?"\&');
                else
                    v_next := i - 1;
                    while v_token[v_next] ~ '^\s+$' loop
                        v_next := v_next - 1;
                    end loop;
                    v_cast := rtrim(v_out[v_next], E' \n');
                    v_out[v_next] := v_cast || ' AS "?column?"' || substr(v_out[v_next], length(v_cast) + 1);
                end if;
            end if;
            v_named[v_depth] := false;
            v_list[v_depth] := t = ',';
            v_text[v_depth] := '';
        end if;
        exit when i > v_count;

        if t in ('(', '[') then
            v_depth := v_depth + 1;
            v_open[v_depth] := i;
            v_array[v_depth] := t = '[' and v_token[i - 1] = 'ARRAY';
            v_type[v_depth] := null;
            v_bare[v_depth] := false;
            v_list[v_depth] := false;
            v_text[v_depth] := '';
            v_named[v_depth] := false;
            v_operator[v_depth] := '';
            continue;
        end if;

        if v_array[v_depth] and t in (',', ']') then
            v_cast := case
                when v_text[v_depth] ~ '^ ?ARRAY\[\]$' then v_inner
                when v_text[v_depth] ~ '^ ?[0-9]+$' then 'integer'
                when v_text[v_depth] ~ '^ ?[0-9]*\.[0-9]+$' then 'numeric'
                else substring(v_text[v_depth] from c_whole)
            end;
            v_cast := regexp_replace(v_cast, '(\[\])+$', '');
            v_first := coalesce(v_type[v_depth], v_cast);
            -- A length that not all of them show is not the array's: it would cut the others. Two types mean another without.
            if v_bare[v_depth] or v_cast is null or v_cast is distinct from v_first then
                v_bare[v_depth] := true;
                v_cast := case
                    when v_cast ~ '^character\(' then 'bpchar'
                    when v_cast ~ '^bit\(' then '"bit"'
                    else regexp_replace(v_cast, '\([0-9, -]+\)', '')
                end;
                v_first := case
                    when v_first ~ '^character\(' then 'bpchar'
                    when v_first ~ '^bit\(' then '"bit"'
                    else regexp_replace(v_first, '\([0-9, -]+\)', '')
                end;
            end if;
            v_type[v_depth] := case when v_first <> v_cast then '' else v_first end;
            v_text[v_depth] := '';
        end if;

        if t in (')', ']') and v_depth > 1 then
            v_inner := null;
            if v_array[v_depth] then
                v_inner := nullif(v_type[v_depth], '');
                v_next := i + 1 + (v_token[i + 1] = ')')::integer;
                v_cast := substring(array_to_string(v_token[v_next:v_next + 12], '') from '^::(' || c_type || ')');
                if v_cast <> v_inner || '[]' and right(v_cast, 2) = '[]' then
                    v_out[i] := ']::' || v_inner || '[]';
                end if;
            elsif v_operator[v_depth] <> ''
                and v_token[i + 2] = v_operator[v_depth] and v_token[i + 1] = ' '
                and v_token[v_open[v_depth] - 1] = '('
            then
                v_out[v_open[v_depth]] := '';
                v_out[i] := '';
            elsif v_open[v_depth] = i - 2 and v_token[i - 1] ~ '^- [0-9]*\.?[0-9]+$' then
                v_out[i - 1] := format(
                    '- %L::%s', substr(v_token[i - 1], 3), case when v_token[i - 1] ~ '\.' then 'numeric' else 'integer' end);
            end if;
            v_next := v_open[v_depth];
            v_depth := v_depth - 1;
            if v_array[v_depth] or v_list[v_depth] then
                v_cast := case when i - v_next < 6 then array_to_string(v_token[v_next:i], '') end;
                v_text[v_depth] := v_text[v_depth] || case
                    when v_cast ~ '^\([0-9, -]*\)$' then v_cast
                    when t = ']' then '[]'
                    else '()'
                end;
            end if;
        elsif t = 'SELECT' then
            v_list[v_depth] := true;
            v_named[v_depth] := false;
            v_text[v_depth] := '';
            v_operator[v_depth] := 'SELECT';
        elsif t = 'AS' then
            v_named[v_depth] := true;
        elsif t in ('AND', 'OR') then
            v_operator[v_depth] := case when v_operator[v_depth] in ('', t) then t else 'SELECT' end;
            v_text[v_depth] := v_text[v_depth] || t;
        elsif t <> ',' and (v_array[v_depth] or v_list[v_depth]) then
            v_text[v_depth] := v_text[v_depth] || case left(t, 1) when '''' then '''''' else t end;
        end if;
    end loop;
    return array_to_string(v_out, '');
end
$$;

comment on function freehold._ddl_exact(text) is
    'A deparsed expression or query, such that reading it gives the same again.';
