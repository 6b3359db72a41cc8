"""Marks Chinese constants so that the string files find them; importable by rules."""

# A spreadsheet takes a cell that begins like this for a formula; the full-width ones too.
FORMULA_SIGNS = tuple("=+-@＝＋－＠")


def N_(text: str) -> str:
    """The text itself, marked for extraction; shown later through gettext."""
    return text


def NP_(_context: str, text: str) -> str:
    """The same for a text that has another translation in a context, such as "several"."""
    return text
