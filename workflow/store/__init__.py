"""The store: all tables in one MetaData, migrations, engines, and every SQL statement of the core."""
