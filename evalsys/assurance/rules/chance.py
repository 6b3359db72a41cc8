"""How unlikely a number is by chance alone: upper bounds, so that a bound below the limit settles it."""

from math import exp, inf, log

# One hall of 210 windows is looked at some 420,000 times a year (250 days, eight signals): what is rarer than
# one in a million by chance is hit falsely less than once in two years.
RARE = log(1e-6)


def as_many(n: int, expected: float) -> float:
    """Bound the logarithm of P(X ≥ n) for a Poisson X with that mean (Chernoff); 0 where n is no more."""
    if n <= expected:
        return 0.0
    return -inf if expected <= 0 else n - expected - n * log(n / expected)


def as_large_a_share(k: int, n: int, share: float) -> float:
    """Bound the logarithm of P(X ≥ k) for a binomial X of n with a share (Chernoff); 0 where k is no more."""
    if n == 0 or k <= n * share:
        return 0.0
    present = k / n
    rest = 0.0 if k == n else (1 - present) * log((1 - present) / (1 - share))
    return -n * (present * log(present / share) + rest)


def in_a_row(length: int, share: float, starts: int) -> float:
    """Bound the logarithm of the chance of a run of that length that may start at so many places."""
    return length * log(share) + log(max(starts, 1))


def gap_share(longest: float, mean: float) -> float:
    """The share of gaps no longer than `longest` seconds where they come by chance, `mean` seconds apart."""
    return 1 - exp(-longest / mean)


def smoothed(k: int, n: int) -> float:
    """A share never quite 0 nor 1, however few it rests on (Laplace): (k + 1) / (n + 2)."""
    return (k + 1) / (n + 2)
