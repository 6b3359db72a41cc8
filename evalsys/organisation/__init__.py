"""Who is there: units, halls, windows, staff, items and the duty rota."""
