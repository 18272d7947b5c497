"""Migrations: the files, what they are rendered to, and what lint has to say of that.

Needs the extra ``migrate``. This package imports nothing by itself, so that the command line starts without it.
"""
