"""What `python -m local COMMAND` does."""
