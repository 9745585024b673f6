"""Faults on demand and counts of calls, the same for every stand-in."""
