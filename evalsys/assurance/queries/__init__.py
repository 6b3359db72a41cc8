"""What assurance reads."""
