"""Cloud Storage on the loopback: the JSON API, with content on disk."""
