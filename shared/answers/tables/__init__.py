"""Questions about tables: read the cells, plan over them, compute; never a model's arithmetic."""
