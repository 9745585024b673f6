"""Docent under mixed load for a long time."""
