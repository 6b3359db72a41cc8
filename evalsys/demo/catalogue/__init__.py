"""What can be done at the demo hall: more than five hundred real kinds of service, by department and desk."""
