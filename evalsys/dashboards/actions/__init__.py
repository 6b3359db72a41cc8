"""What is changed from the dashboards: what is open to everybody, displays, bulletins."""
