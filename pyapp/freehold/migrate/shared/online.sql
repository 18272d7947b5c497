{#-
    Patterns that change a table while it is in use. {% import "freehold/online.sql" as online %}
    What a macro gives is a statement or two; each macro says which lock it takes, and for how long.
-#}

{#
    An index, built as suits the size of the tenant's table. In the call block: what comes after the table's name.
    Up to `above` bytes the table cannot be written to meanwhile. Above it the index is built concurrently: writers go
    on, and it waits for every transaction of the database that was there before. The call must come first in the file.
#}
{% macro index(name, table, unique=false, above=33554432) %}
{% if size(table) > above %}
-- transactional: false
create {% if unique %}unique {% endif %}index concurrently if not exists {{ name | ident }} on {{ table | ident }} {{ caller() }};
{% else %}
create {% if unique %}unique {% endif %}index {{ name | ident }} on {{ table | ident }} {{ caller() }};
{% endif %}
{% endmacro %}

{# For the rollback file of such a migration, with the same table and `above`. #}
{% macro drop_index(name, table, above=33554432) %}
drop index {% if size(table) > above %}concurrently if exists {% endif %}{{ name | ident }};
{% endmacro %}

{# NOT NULL, the first of three migrations: new rows are checked. Nobody uses the table for a moment. #}
{% macro not_null_check(table, column, constraint=none) %}
alter table {{ table | ident }}
    add constraint {{ (constraint or table ~ "_" ~ column ~ "_present") | ident }} check ({{ column | ident }} is not null) not valid;
{% endmacro %}

{# The second: the rows that are there are checked, while others read and write. #}
{% macro not_null_validate(table, column, constraint=none) %}
{{ validate(table, constraint or table ~ "_" ~ column ~ "_present") }}
{%- endmacro %}

{# The third: NOT NULL itself, which the constraint proves, so that no row is read. Nobody uses the table for a moment. #}
{% macro not_null(table, column, constraint=none) %}
alter table {{ table | ident }} alter column {{ column | ident }} set not null;
alter table {{ table | ident }} drop constraint {{ (constraint or table ~ "_" ~ column ~ "_present") | ident }};
{% endmacro %}

{#
    A foreign key, the first of two migrations: new rows are checked. Both tables cannot be written to for a moment.
    In a call block, where there is one: what comes after the columns, on delete cascade say.
#}
{% macro foreign_key(name, table, columns, parent, parent_columns) %}
alter table {{ table | ident }}
    add constraint {{ name | ident }} foreign key ({{ columns | ident }})
    references {{ parent | ident }} ({{ parent_columns | ident }}){% if caller is defined %} {{ caller() }}{% endif %} not valid;
{% endmacro %}

{# The second, and that of any constraint that was added NOT VALID: the rows are checked, while others read and write. #}
{% macro validate(table, constraint) %}
alter table {{ table | ident }} validate constraint {{ constraint | ident }};
{% endmacro %}

{#
    Rows changed by batches, a transaction each, until none is left. `change` is what comes after SET, `where` says which
    rows still lack it, both from {% set ... %} blocks; `key` is the primary key. The call must come first in the file.
#}
{% macro backfill(table, key, change, where, batch=1000) %}
-- backfill: true
update {{ table | ident }} set {{ change }}
where ({{ key | ident }}) in (select {{ key | ident }} from {{ table | ident }} where {{ where }} limit {{ batch }})
    and ({{ where }});
{% endmacro %}
