"""The outside of thidua: settings, composition, HTTP, pages, command line. Imports nothing here."""

VERSION = "0.1.0"
"""The one number of this version; the wheel, the command line and the API read it here."""
