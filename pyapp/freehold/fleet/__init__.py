"""Questions to the fleet: one query, asked of many tenants at a time, each as its reader.

The database decides everything (``freehold.fleet_begin``, ``fleet_ask``); what is here keeps several connections
busy, ends what takes too long, and gives the answers as they come.
"""

from freehold.fleet.aquery import AsyncFleetQuery
from freehold.fleet.query import FleetQuery
from freehold.fleet.question import Answer, TenantError

__all__ = ["Answer", "AsyncFleetQuery", "FleetQuery", "TenantError"]
