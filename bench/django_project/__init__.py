"""A Django project with django-tenants, run in a process of its own: ``bench.django_project.worker``."""
