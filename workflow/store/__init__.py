"""The store: the tables, migrations, engines, and every SQL statement of the core."""
