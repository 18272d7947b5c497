-- superuser
-- refused: my_disc|my_rank
-- ordered-set and hypothetical aggregates over an internal state
create aggregate my_disc(float8 order by anyelement) (
    sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra
);
create aggregate my_rank(variadic "any" order by variadic "any") (
    sfunc = ordered_set_transition_multi, stype = internal, finalfunc = rank_final, finalfunc_extra, hypothetical
);
comment on aggregate my_disc(float8 order by anyelement) is 'ordered';
