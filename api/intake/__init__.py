"""What comes from outside as a file is read here, in a process of its own that may use little and live briefly."""
