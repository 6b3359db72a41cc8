"""What is known of people: shown to them, taken back, forgotten in time, and put out of sight."""
