"""One module a format, each imported when its format first arrives."""
