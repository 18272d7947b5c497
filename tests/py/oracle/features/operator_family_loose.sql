-- superuser
-- refused: loose|operator
-- a family with loose members of two types
create operator family loose using btree;
alter operator family loose using btree add
    operator 1 < (integer, bigint), operator 3 = (integer, bigint), operator 5 > (integer, bigint),
    function 1 (integer, bigint) btint48cmp(integer, bigint);
