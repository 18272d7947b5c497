create or replace function freehold._ddl_text_search(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_ts_parser'::regclass::oid,
        p.oid,
        'text search parser'::text,
        quote_ident(p.prsname::text),
        format(
            'create text search parser %I (%s)',
            p.prsname,
            concat_ws(
                ', ',
                'start = ' || freehold._ddl_proc_name(ns, p.prsstart::oid),
                'gettoken = ' || freehold._ddl_proc_name(ns, p.prstoken::oid),
                'end = ' || freehold._ddl_proc_name(ns, p.prsend::oid),
                'headline = ' || freehold._ddl_proc_name(ns, p.prsheadline::oid),
                'lextypes = ' || freehold._ddl_proc_name(ns, p.prslextype::oid)))
    from freehold._ddl_own(ns, 'pg_ts_parser'::regclass) o (oid)
    join pg_ts_parser p on p.oid = o.oid
    union all
    select
        'pre'::text,
        35,
        'pg_ts_template'::regclass::oid,
        t.oid,
        'text search template'::text,
        quote_ident(t.tmplname::text),
        format(
            'create text search template %I (%s)',
            t.tmplname,
            concat_ws(
                ', ',
                'init = ' || freehold._ddl_proc_name(ns, t.tmplinit::oid),
                'lexize = ' || freehold._ddl_proc_name(ns, t.tmpllexize::oid)))
    from freehold._ddl_own(ns, 'pg_ts_template'::regclass) o (oid)
    join pg_ts_template t on t.oid = o.oid
    union all
    select
        'pre'::text,
        36,
        'pg_ts_dict'::regclass::oid,
        d.oid,
        'text search dictionary'::text,
        quote_ident(d.dictname::text),
        format(
            'create text search dictionary %I (%s)',
            d.dictname,
            concat_ws(
                ', ',
                'template = ' || freehold._ddl_name(ns, t.tmplnamespace, t.tmplname),
                d.dictinitoption))
    from freehold._ddl_own(ns, 'pg_ts_dict'::regclass) o (oid)
    join pg_ts_dict d on d.oid = o.oid
    join pg_ts_template t on t.oid = d.dicttemplate
    union all
    select
        'pre'::text,
        37,
        'pg_ts_config'::regclass::oid,
        c.oid,
        'text search configuration'::text,
        quote_ident(c.cfgname::text),
        format(
            'create text search configuration %I (parser = %s)',
            c.cfgname,
            freehold._ddl_name(ns, p.prsnamespace, p.prsname))
    from freehold._ddl_own(ns, 'pg_ts_config'::regclass) o (oid)
    join pg_ts_config c on c.oid = o.oid
    join pg_ts_parser p on p.oid = c.cfgparser
    union all
    select
        'pre'::text,
        38,
        'pg_ts_config'::regclass::oid,
        c.oid,
        'text search mapping'::text,
        format('%I.%I', c.cfgname, k.alias),
        format(
            'alter text search configuration %I add mapping for %I with %s',
            c.cfgname,
            k.alias,
            (select string_agg(
                    freehold._ddl_name(ns, d.dictnamespace, d.dictname), ', ' order by m.mapseqno)
                from pg_ts_config_map m
                join pg_ts_dict d on d.oid = m.mapdict
                where m.mapcfg = c.oid and m.maptokentype = k.tokid))
    from freehold._ddl_own(ns, 'pg_ts_config'::regclass) o (oid)
    join pg_ts_config c on c.oid = o.oid
    cross join lateral ts_token_type(c.cfgparser) k
    where exists (select from pg_ts_config_map m where m.mapcfg = c.oid and m.maptokentype = k.tokid);
end;

comment on function freehold._ddl_text_search(oid) is
    'Text search parsers, templates, dictionaries and configurations of a schema.';
