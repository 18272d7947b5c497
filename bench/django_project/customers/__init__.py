"""The shared app: tenants and their domains."""
