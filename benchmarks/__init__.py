"""How fast, how good, at what cost: figures as ratios, each against a named rival of the same run."""
