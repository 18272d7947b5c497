-- security definer: the tables are the owner's. Touches: seal, seal_epoch, setting (read).
create or replace function freehold.audit_anchor() returns jsonb
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'kind', 'freehold.anchor', 'version', 1, 'database', current_database(), 'place', freehold._seal_place(),
        'epoch', (select max(e.number) from freehold.seal_epoch as e),
        'at', freehold._utc(freehold._now()),
        'heads', coalesce((
            select jsonb_agg(jsonb_build_object('chain', c.chain, 'number', s.number, 'rows', s.first_sequence + s.rows - 1,
                                                'hash', encode(s.hash, 'hex')) order by c.chain)
            from freehold.seal_chain as c
            cross join lateral freehold._seal_last(c.chain) as s
            where s.number is not null), '[]'))
$$;

comment on function freehold.audit_anchor() is
    'The last seal of every chain, as a document: kept outside the database, it shows later that no seal was cut off or made anew since. '
    'The command line signs it: freehold audit anchor.';
