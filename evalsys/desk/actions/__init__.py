"""Taking in orders and reports, and calling whoever is on call."""
