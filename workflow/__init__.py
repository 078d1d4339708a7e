"""The core of thidua: definitions, rules, history and the doors to the database.

It knows nothing of HTTP, mail or the clock. Import the subpackages; this module imports nothing.
"""
