"""How fast documents are read, and what size their chunks should have."""
