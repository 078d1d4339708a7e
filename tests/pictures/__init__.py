"""Pictures of every page and state: ``python3 -m tests.pictures``. Imports nothing here."""
