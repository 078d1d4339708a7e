"""What commands and queries both look up before they decide or show. Nothing here writes."""
