"""What an erasure needs beyond the database: erasers of what tenants have elsewhere, certificates, the ledger.

    from freehold.erasure import Tenant

    class Mailboxes:
        name = "mailboxes"

        def erase(self, tenant: Tenant) -> dict[str, int]:
            return {"mailboxes": delete_mailboxes(tenant.id)}

``freehold.erasure.certificates`` and ``freehold.erasure.ledger`` need the extra ``sign``,
``freehold.erasure.storage`` the extra ``storage``.
"""

from freehold.erasure.tasks import ENTRY_POINTS, Eraser, Outcome, Tenant, installed, load, work

__all__ = ["ENTRY_POINTS", "Eraser", "Outcome", "Tenant", "installed", "load", "work"]
