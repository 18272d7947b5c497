"""Measures migrations over a fleet: ``make bench-rollout``, or ``python -m bench.rollout --help``."""
