"""What assurance writes."""
