"""What is forgotten, hidden and sealed anew."""
