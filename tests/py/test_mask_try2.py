import time
from pathlib import Path; NASTY = Path('tests/py/test_mask_try.py').read_text().split(chr(34)*3)[1]
def test_try(database, control):
    control.template_create("t"); control.template_apply("t", NASTY); control.template_freeze("t")
    control.tenant_provision("acme","t")
    a = database.connect(database.admin_dsn)
    def t(label, q, n=1):
        for _ in range(2):
            t0=time.time(); r=a.execute(q.encode()).fetchall(); d=time.time()-t0
        t0=time.time(); r=a.execute(q.encode()).fetchall(); d2=time.time()-t0
        print(f"{label:30} {d*1000:8.1f} {d2*1000:8.1f}", str(r)[:80])
    H="(select t::freehold.tenant from freehold.tenant t where slug='acme')"
    t("rule", f"select count(*) from freehold._mask_rule({H})")
    t("column", f"select count(*) from freehold._mask_column({H})")
    t("plan", f"select cardinality(freehold._mask_plan({H}))")
    t("kind", f"select count(freehold._mask_kind('email'||i, 'text')) from generate_series(1,100) i")
    t("content", f"select length(freehold._mask_content('s.t1'))")
    t("sample", f"select freehold._mask_sample({H}, freehold._mask_plan({H}))")
    t("finding", f"select count(*) from freehold._mask_finding({H}, freehold._mask_plan({H}))")
    t("suggest", f"select count(*) from freehold.mask_suggest('acme')")
    import re
    body=Path('sql/functions/mask/_mask_content.sql').read_text()
    for s in ("'ada1@secret.org'", "'hello 1234 world'", "repeat('lorem ipsum dolor ', 200)"):
        for name,pat in re.findall(r"\('(\w+)', '(.*?)'(?:\),|\n)", body):
            t(name+" "+s, f"select count(*) filter (where {s} || i ~ $x${pat}$x$) from generate_series(1,1000) i")
