"""The Ranking API of Discovery Engine on the loopback."""
