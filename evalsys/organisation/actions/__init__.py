"""What changes the organisation: imports, and what changes daily."""
