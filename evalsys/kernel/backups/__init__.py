"""Backups: one archive of the database's own dump, the files handed in, and a list of what is in it."""
