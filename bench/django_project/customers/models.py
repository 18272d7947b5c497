"""Tenants and domains, as django-tenants asks for them."""

from django_tenants.models import DomainMixin, TenantMixin


class Client(TenantMixin):
    """A tenant."""

    auto_create_schema = True
    auto_drop_schema = True

    class Meta:
        app_label = "customers"


class Domain(DomainMixin):
    """A domain of a tenant; the bench makes none."""

    class Meta:
        app_label = "customers"
