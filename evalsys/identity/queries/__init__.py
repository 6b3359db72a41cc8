"""Reading accounts and devices."""
