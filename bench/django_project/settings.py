"""Settings as django-tenants' documentation has them; the database is the environment's."""

import json
import os

DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": None,
        **json.loads(os.environ["BENCH_DJANGO_DATABASE"]),
    }
}
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)
SHARED_APPS = ("django_tenants", "django.contrib.contenttypes", "bench.django_project.customers")
TENANT_APPS = ("bench_tenant",)
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "customers.Client"
TENANT_DOMAIN_MODEL = "customers.Domain"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "nothing is signed"
USE_TZ = True
