-- bodies with dollar quotes, comments, dynamic sql, carriage returns, and a trailing backslash
create table ticket (id integer, v text);
create function f(t text) returns text language plpgsql as $outer$
declare
    v_sql text := format($$select count(*) from %I where v = $1$$, t);
    v_n bigint;
begin
    /* a comment with $1 and 'quotes' */
    execute v_sql into v_n using 'x';
    return v_n || '\';
end;
$outer$;
create function dollars() returns text language plpgsql as '
begin
    return $function$ $body$ $_$ $$ '''' $a$ x $a$ $$ $_$ $body$ $function$;
end';
do $$ begin execute format('create function crlf() returns text language plpgsql as %L', E'begin\r\n\treturn 1;\r\nend'); end; $$;
