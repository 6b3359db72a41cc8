"""Changing something about ratings: always by adding a row."""
