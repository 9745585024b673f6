"""How fast: cold start, CPU and memory, many people at once, growth; beside the usual frameworks."""
