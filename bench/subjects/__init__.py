"""Those that are measured. Each makes a schema, or copies one, and removes it again."""

from __future__ import annotations

from collections.abc import Callable

from bench.place import Place
from bench.schema import Schema
from bench.subjects.base import Limits, Subject, Unsuited
from bench.subjects.by_hand import ByHand, ByHandWithRoles
from bench.subjects.django_tenants import DjangoClone, DjangoTenants
from bench.subjects.freehold import Freehold
from bench.subjects.pg_dump import PgDump

SUBJECTS: dict[str, Callable[[Place, Schema, Limits], Subject]] = {
    subject.name: subject for subject in (ByHand, ByHandWithRoles, Freehold, DjangoTenants, DjangoClone, PgDump)
}
"""By name, in the order in which they take turns."""

__all__ = ["SUBJECTS", "Limits", "Subject", "Unsuited"]
