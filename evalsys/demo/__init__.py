"""The reference hall: made-up people, real kinds of service, built through the real actions."""
