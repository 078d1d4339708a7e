"""The outside of thidua: settings, composition, HTTP, pages and the command line. Imports nothing here."""
