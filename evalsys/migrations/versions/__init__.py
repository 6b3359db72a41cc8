"""One file for each released change of the schema."""
