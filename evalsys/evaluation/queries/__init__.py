"""Reading ratings: one by its receipt, many for the sums, comments for those who may."""
