"""The bodies that the interface takes and the answers that it gives."""
