-- many columns: a long statement in one piece
do $$
begin
    execute (select format('create table wide (%s)', string_agg(format('c%s %s', n, (array['text', 'integer', 'numeric(9,2)'])[1 + n % 3]), ', '))
             from generate_series(1, 400) n);
end;
$$;
-- rows
insert into wide (c1, c400) values (1, 2);
