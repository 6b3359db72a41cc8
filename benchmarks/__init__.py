"""Figures measured beside their ceiling in the same run: only the ratio of the two says something."""
