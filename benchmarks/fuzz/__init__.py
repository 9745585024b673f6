"""Docent met with what nobody would send."""
