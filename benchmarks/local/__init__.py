"""The local Google Cloud measured beside others of its kind, and against its own cold start."""
