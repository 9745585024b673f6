"""What scripts/package does: one zip a function, with what it imports and nothing else."""
