"""The oracle has been seen to fail: each thing broken in a faithful copy is reported, and by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql

from .conftest import Laboratory
from .feature import all_features, feature
from .oracle import entries
from .place import Place, enter
from .replay import replay, statements

# What is done to the copy, and a word that the report must hold.
MUTATIONS = {
    "comment_dropped": ("comment on table sale is null", "one row an order"),
    "comment_changed": ("comment on column sale.state is 'other'", "other"),
    "schema_comment": ("comment on schema {schema} is 'new'", "new"),
    "default_changed": ("alter table product alter column tags set default '{x}'", "'{x}'"),
    "default_dropped": ("alter table customer alter column created_at drop default", "created_at"),
    "not_null_dropped": ("alter table sale_line alter column price drop not null", "price"),
    "column_added": ("alter table product add column more integer", "more"),
    "column_type": ("alter table product alter column sku type varchar(21)", "varying(21)"),
    "column_order": ("alter table audit_log rename op to o; alter table audit_log rename row_data to op;"
                     " alter table audit_log rename o to row_data", "row_data"),
    "column_target": ("alter table product alter column name set statistics 10", "10"),
    "table_option": ("alter table sale_2024 set (fillfactor = 81)", "81"),
    "table_unlogged": ("alter table audit_log set unlogged", "UNLOGGED"),
    "table_dropped": ("drop table audit_log", "audit_log"),
    "partition_detached": ("delete from sale_line; alter table sale detach partition sale_2023", "ATTACH"),
    "trigger_disabled": ("alter table customer disable trigger customer_audit", "customer_audit"),
    "trigger_dropped": ("drop trigger customer_touch on customer", "customer_touch"),
    "trigger_of_partition": ("alter table sale_2024 enable always trigger sale_audit", "sale_audit"),
    "grant_revoked": ("revoke insert on product from {rw}", "INSERT"),
    "grant_added": ("grant truncate on product to {rw}", "TRUNCATE"),
    "execute_public": ("grant execute on function audit() to public", "PUBLIC"),
    "default_privilege": ("alter default privileges in schema {schema} grant select on tables to {rw}", "DEFAULT PRIVILEGES"),
    "row_security_off": ("alter table customer disable row level security", "ROW LEVEL SECURITY"),
    "row_security_forced": ("alter table customer force row level security", "FORCE"),
    "policy_dropped": ("drop policy own_country on customer", "own_country"),
    "policy_changed": ("alter policy own_country on customer using (true)", "own_country"),
    "index_dropped": ("drop index customer_search", "customer_search"),
    "index_renamed": ("alter index product_attributes rename to other", "other"),
    "index_option": ("alter index customer_email_folded set (fillfactor = 50)", "fillfactor"),
    "constraint_renamed": ("alter table product rename constraint tags_few to few", "few"),
    "constraint_not_valid": ("alter table product drop constraint tags_few;"
                             " alter table product add constraint tags_few check (cardinality(tags) < 10) not valid", "NOT VALID"),
    "foreign_key_action": ("alter table sale_line drop constraint sale_line_product_id_fkey; alter table sale_line add constraint"
                           " sale_line_product_id_fkey foreign key (product_id) references product on delete cascade", "CASCADE"),
    "domain_check": ("alter domain email drop constraint has_at", "has_at"),
    "enum_value": ("alter type order_state add value 'lost' before 'sent'", "lost"),
    "function_body": ("create or replace function touch() returns trigger language plpgsql as 'begin return new; end'", "touch"),
    "function_setting": ("alter function audit() reset search_path", "search_path"),
    "function_path": ("alter function audit() set search_path = {source}, pg_temp", "search_path"),
    "function_definer": ("alter function audit() security invoker", "SECURITY DEFINER"),
    "view_option": ("alter view open_sale reset (security_invoker)", "security_invoker"),
    "view_changed": ("create or replace view shop_front as select b.name, b.sold, p.price from best_seller b"
                     " join product p using (id) where p.price > 0", "shop_front"),
    "matview_emptied": ("refresh materialized view best_seller with no data", "populated"),
    "matview_stale": ("update sale_line set quantity = quantity + 1; refresh materialized view best_seller", "best_seller"),
    "statistics_dropped": ("drop statistics sale_stats", "sale_stats"),
    "sequence_option": ("alter sequence order_number cache 9", "CACHE 9"),
    "sequence_owner": ("alter sequence order_number owned by none", "OWNED BY"),
    "sequence_value": ("select nextval('order_number')", "order_number"),
    "sequence_called": ("select setval('audit_log_id_seq', last_value, not is_called) from audit_log_id_seq", "called"),
    "row_changed": ("update product set name = 'other' where id = 7", "other"),
    "row_missing": ("delete from sale_line where line = 3 and sale_id = 1001", "1001"),
    "row_extra": ("insert into audit_log (op) values ('extra')", "extra"),
    "clustered": ("alter table customer cluster on customer_pkey", "CLUSTER"),
    "replica_identity": ("alter table customer replica identity full", "REPLICA IDENTITY"),
    "cast_extra": ("create cast (address as email) with inout", "cast"),
    "extra_object": ("create table extra (id integer)", "extra"),
    "dependency_default": ("alter table product alter column id drop identity; alter table product alter column id"
                           " set default nextval('{source}.order_number')", "dependency:"),
    "dependency_view": ("create view into_source as select id from {source}.product", "dependency:"),
    "dependency_foreign_key": ("alter table audit_log add foreign key (id) references {source}.customer not valid", "dependency:"),
    "dependency_type": ("create table typed (s {source}.order_state)", "dependency:"),
    "dependency_function": ("create index leak on audit_log ({source}.own(op))", "dependency:"),
}  # fmt: skip
SHOP = feature("combined_shop")
MUTANT = "orc_mutant"


@pytest.fixture(scope="module")
def shop(laboratory: Laboratory) -> Iterator[Place]:
    """The schema that is copied; what mutations refer to is in it."""
    with laboratory.source(SHOP) as source:
        with laboratory.admin.transaction():
            enter(laboratory.admin, source, owner=True)
            laboratory.admin.execute("create function own(t text) returns text language sql immutable as 'select t'")
        yield source


@pytest.fixture(scope="module")
def script(shop: Place, laboratory: Laboratory) -> list[tuple[str, str, str, str]]:
    """What makes a copy: the same for all, as they bear one name after the other."""
    return statements(laboratory.admin, shop, Place.named(MUTANT))


@pytest.fixture
def copy(shop: Place, script: list[tuple[str, str, str, str]], laboratory: Laboratory) -> Iterator[Place]:
    """A faithful copy."""
    with laboratory.place(name=MUTANT) as place:
        replay(laboratory.admin, script, place)
        yield place


def test_unmutated_copy_is_faithful(shop: Place, copy: Place, laboratory: Laboratory) -> None:
    assert laboratory.oracle.differences(shop, copy, rows=True) == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_is_reported(name: str, shop: Place, copy: Place, laboratory: Laboratory) -> None:
    statement, word = MUTATIONS[name]
    with laboratory.admin.transaction():
        enter(laboratory.admin, copy, owner=False)
        laboratory.admin.execute(copy.fill(statement.replace("{source}", shop.schema)).encode())
    found = "\n".join(laboratory.oracle.differences(shop, copy, rows=True))
    assert word in found, found or "nothing was reported"


def test_owner_is_compared(shop: Place, copy: Place, laboratory: Laboratory) -> None:
    table, role = sql.Identifier(copy.schema, "audit_log"), sql.Identifier(copy.roles[1])
    laboratory.admin.execute(sql.SQL("alter table {} owner to {}").format(table, role))
    assert "owner <RW>" in "\n".join(laboratory.oracle.differences(shop, copy, rows=False))


def test_dump_is_read_whole(shop: Place, laboratory: Laboratory) -> None:
    """Every statement that pg_dump prints is in some entry: none is skipped for its header."""
    text = laboratory.oracle.dump(shop)
    kept = "\n".join(line for entry in entries(text, shop, [shop]) for line in entry)
    for word in ("CREATE TABLE", "CREATE INDEX", "CREATE TRIGGER", "GRANT", "COMMENT ON", "ALTER TABLE"):
        assert kept.count(f"\n{word} ") == text.count(f"\n{word} ") > 0, word


def test_every_feature_says_what_it_is_about() -> None:
    found = all_features()
    assert len(found) >= 120
    assert all(f.about and f.ddl.strip() for f in found)
