"""Attacks of one tenant on another, tried for real, and what became of each.

``freehold verify isolation --active`` runs them against a database of the adopter's: two
tenants are made, attacked and erased. What a tenant reads, changes, makes or leaves behind
is judged by canaries in the other's rows and definitions.
"""
