"""Measures what a transaction for a tenant costs: ``make bench-context``, or ``python -m bench.context --help``."""
