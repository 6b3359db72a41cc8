"""Changing cases: opening them, moving them, and following what citizens and colleagues do."""
