import pytest, psycopg, time
from freehold.control import Control
NASTY = """
create domain mail as text check (value ~ '^[^@ ]+@[^@ ]+$');
create type mood as enum ('sad','happy');
create table person (id bigint generated always as identity primary key, email mail not null unique, full_name text, phone varchar(20), born date,
  doc jsonb, docs json, tags text[], blob bytea, ip inet, ssn text unique, iban varchar(30), feel mood, code int unique, amount numeric(12,2), note text,
  lowered text generated always as (lower(full_name)) stored);
create table letter (id int primary key, person_email text references person (email), body text);
create table part (id int, at date, name text) partition by range (at);
create table part_a partition of part for values from ('2020-01-01') to ('2021-01-01');
create table part_b partition of part default;
insert into person (email, full_name, phone, born, doc, docs, tags, blob, ip, ssn, iban, feel, code, amount, note)
 select 'ada'||i||'@secret.org','Ada Secret'||i, '+4912345'||i, date '1980-01-01'+i, jsonb_build_object('k', 'secret'||i, 'n', 12345.5, 'a', jsonb_build_array('x"y', true, null, -3)), '{"b":"zz"}', array['t"'||i, null], 'bytes', '1.2.3.4', 'ab-12-'||i, 'DE89370400440532013000', 'sad', i*7, i*1.5, repeat('long secret ', 3)
 from generate_series(1,200) i;
insert into letter select i, 'ada'||i||'@secret.org', 'hello' from generate_series(1,200) i;
insert into part select i, date '2020-06-01'+i*10, 'Name '||i from generate_series(1,50) i;
"""
def test_try(database, control):
    control.template_create("t"); control.template_apply("t", NASTY); control.template_freeze("t")
    control.tenant_provision("acme","t")
    c = control.connection
    t0=time.time()
    for r in c.execute("select * from freehold.mask_suggest('acme')").fetchall(): print(r)
    print("suggest", time.time()-t0)
    try: control.tenant_clone("acme","dev",mask=True)
    except psycopg.Error as e: print(type(e), e.diag.message_primary, e.diag.message_detail, e.diag.message_hint)
    for r in c.execute("select command from freehold.mask_suggest('@t')").fetchall(): print(r[0]); c.execute(r[0].encode())
    for call in ("'person','feel','shuffle'", "'person','code','keep_format'","'person','amount','keep_format'","'person','tags','hash'","'person','blob','hash'"):
        c.execute(f"select freehold.mask_set('@t',{call})".encode())
    control.tenant_clone("acme","dev",mask=True)
    a = database.connect(database.admin_dsn)
    for t in ("person","letter","part"):
        for s in ("acme","dev"):
            for r in a.execute(f"select * from tenant_{s}.{t} limit 3".encode()).fetchall(): print(s,r)
    print(a.execute("select count(*) from tenant_dev.person p join tenant_dev.letter l on p.email=l.person_email").fetchall())
