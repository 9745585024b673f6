"""The health function."""
