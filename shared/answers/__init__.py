"""Passages -> prompt -> stream -> citations; conversations."""
