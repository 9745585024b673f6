"""How current, how cheap and how fast ingestion is."""
