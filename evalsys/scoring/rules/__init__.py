"""The arithmetic of the sums: plain Python, no database, no clock."""
