"""Question -> passages the asker may read, best first, and how far they speak to the question."""
