"""The functions of masked clones, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freehold.calls import Calls, Row


class Masks(Calls):
    """Masking rules of columns, declared for one home: a tenant's slug, or a template's name after ``@``."""

    def mask_set(
        self, home: str, table_name: str, column_name: str, rule: str, options: Mapping[str, Any] | None = None
    ) -> Row:
        """Declares the masking rule of a column; returns it.

        Args:
            home: The tenant, or the template, whose rules hold for all of its tenants.
            table_name: The table, as its name is stored.
            column_name: The column.
            rule: ``keep``, ``null``, ``constant``, ``hash``, ``partial``, ``fake``, ``keep_format``, ``json_values``
                or ``shuffle``.
            options: ``{"kind": "email"}`` for a fake, ``{"value": "x"}`` for a constant; ``mask_set`` in the SQL
                reference lists them.

        Raises:
            InvalidArgument: There is no such column, rule or option, or the rule does not fit the column.
        """
        return self._row(
            "mask_set", home=home, table_name=table_name, column_name=column_name, rule=rule, options=options
        )

    def mask_reset(self, home: str, table_name: str | None = None, column_name: str | None = None) -> list[Row]:
        """Takes back the rules of a column, a table, or all of a home; returns them."""
        return self._rows("mask_reset", home=home, table_name=table_name, column_name=column_name)

    def mask_list(self, home: str | None = None) -> list[Row]:
        """The rules that hold for a home, or all that were declared."""
        return self._rows("mask_list", home=home)

    def mask_suggest(self, home: str) -> list[Row]:
        """Columns that look personal and have no rule, with a rule for each."""
        return self._rows("mask_suggest", home=home)
