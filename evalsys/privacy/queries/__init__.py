"""What is read of what is held about people."""
