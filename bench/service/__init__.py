"""Measures a tenant's point query through the service: ``make bench-service``, or ``python -m bench.service --help``."""
