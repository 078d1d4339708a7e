"""Digital signatures in PDF files: what they are worth, and that of the agency."""
