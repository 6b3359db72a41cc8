"""Whether the sums deserve belief: sealed days and their proofs."""
