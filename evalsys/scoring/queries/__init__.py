"""Reading the sums: rankings for those who see them live, released periods for the clerk's side, checks."""
