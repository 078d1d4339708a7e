"""Questions: what pages, API and command line read. Nothing here writes."""
