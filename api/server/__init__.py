"""Serving on the wire: processes, protocols, and bounds before anything is parsed."""
