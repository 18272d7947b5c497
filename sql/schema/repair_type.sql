-- Row types of tenant_repair(). Created once, as those of the deparser.
do $$
begin
    if to_regtype('freehold._repair_row') is null then
        create type freehold._repair_row as (
            kind text,
            identity text,
            target text,
            expected text[],
            expected_at integer,
            expected_places integer[],
            actual text[],
            actual_at integer
        );
        comment on type freehold._repair_row is
            'One object of a schema, as its template version has it and as it is; target is what it hangs on.';
    end if;
    if to_regtype('freehold._repair_step') is null then
        create type freehold._repair_step as (
            stage integer,
            place integer,
            part integer,
            change text,
            kind text,
            identity text,
            target text,
            statement text,
            root text,
            loses boolean,
            reason text
        );
        comment on type freehold._repair_step is
            'One statement of a repair: stage 1 drops, 2 renames columns, 3 makes and alters, 9 is nobody''s to run; root is what '
            'goes with all that depends on it; reason is why it is left to somebody.';
    end if;
    if to_regtype('freehold._repair_reached') is null then
        create type freehold._repair_reached as (
            root text,
            target text,
            automatic boolean,
            blocker text
        );
        comment on type freehold._repair_reached is
            'What goes when its root does: automatic where it needs no statement for that; blocker is a table or column that stays.';
    end if;
end
$$;
