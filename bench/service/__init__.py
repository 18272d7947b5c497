"""Measures point queries of tenants through the service: ``make bench-service``, ``python -m bench.service --help``."""
