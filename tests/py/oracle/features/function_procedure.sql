-- procedures: inout and out parameters, settings, transaction control, security definer
create procedure p1(in a integer, inout b text, out c integer) language plpgsql as $$ begin c := a; end; $$;
create procedure p2() language plpgsql as $$ begin commit; end; $$;
create procedure p3(variadic a integer[]) language plpgsql security definer set work_mem = '8MB' as $$ begin null; end; $$;
comment on procedure p1(integer, text) is 'three';
comment on routine p2() is 'two';
revoke execute on procedure p2() from public;
grant execute on procedure p2() to {rw};
