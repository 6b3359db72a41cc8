"""Reading who is there: places, units, windows, staff, duties and items."""
