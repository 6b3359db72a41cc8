"""Orders of a month, counted: who sees them, and the columns of the files."""

from evalsys.kernel.access import Permission

SEE_ORDER_COUNTS = Permission(
    "see-order-counts", frozenset({"supervisor", "dispatcher", "leadership", "auditor"})
)
COUNT_COLUMNS = ("month", "category", "unit", "state", "orders")
RATE_COLUMNS = ("month", "rate", "numerator", "denominator", "value")
