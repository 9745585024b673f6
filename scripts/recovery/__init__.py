"""Backup and restore: all that Docent holds, written to Cloud Storage and read into an empty project."""
