"""A tenant as one file: written from a snapshot, encrypted by the tenant's key, made a tenant again from it.

    from freehold import export
    from freehold.datakeys import load, tenant

    export.write(control, "acme", Path("acme.freehold"), tenant.current(control, "acme"))
    export.restore(control, Path("acme.freehold"), "acme-again", provider=load("file:/var/lib/freehold/keys"))

Needs the extra ``export``.
"""

from freehold.export.format import Damaged, Header, read_header
from freehold.export.reader import restore
from freehold.export.writer import Summary, write

__all__ = ["Damaged", "Header", "Summary", "read_header", "restore", "write"]
