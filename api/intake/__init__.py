"""Strangers' files are read here, in a process of its own that may use little and live briefly."""
