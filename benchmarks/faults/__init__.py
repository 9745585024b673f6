"""Docent while what it stands on fails."""
