"""Marks Chinese constants so that the string files find them; importable by rules."""


def N_(text: str) -> str:
    """The text itself, marked for extraction; shown later through gettext."""
    return text
