"""Orders and reports with what their cases have come to."""
