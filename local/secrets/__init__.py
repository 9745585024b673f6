"""Secret Manager on this machine: secrets, versions and their states, in SQLite."""
