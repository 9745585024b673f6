"""Drive change -> file -> index: listing, one file a task, and the ledger of every file's state."""
