"""Reading cases: one as the rules see it, the queue, the whole story."""
