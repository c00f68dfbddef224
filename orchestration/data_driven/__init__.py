"""Data-driven attribution (A-9): the small solves behind the SQL that counts the paths."""
