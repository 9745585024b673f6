"""What a month costs: a model in code, fed by what the local cloud counted."""
