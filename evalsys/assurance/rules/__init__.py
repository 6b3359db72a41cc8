"""What assurance decides."""
