"""Changing accounts and devices."""
