"""The tests of thidua, started by ``python3 -m tests``. Imports nothing here."""
