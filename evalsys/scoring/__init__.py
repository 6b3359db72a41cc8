"""How it adds up: sums, indicators, rankings and released cells."""
