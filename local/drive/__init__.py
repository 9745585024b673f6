"""Google Drive v3 and the Admin SDK's groups over a folder on disk."""
