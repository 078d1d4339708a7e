"""Alembic migrations of the schema, for SQLite and PostgreSQL alike.

A file is ``NNNN_what_it_does.py``, its revision ``rNNNN``. What all of them make is what
``store.schema`` describes, and each is tried up and down with rows in every table
(tests/faults/test_schema.py). SQLite rebuilds a table to change it; its references are not watched
meanwhile and are checked at the end (env.py).
"""
