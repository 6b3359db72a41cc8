"""Working days, terms and office hours."""
