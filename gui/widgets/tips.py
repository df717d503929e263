"""Tooltips whose words are a stranger's: names of classes, models and folders."""

from html import escape


def plain(text: str) -> str:
    """A tooltip that shows this text as it stands, which Qt would take for HTML where it has tags in it."""
    return f"<span style='white-space: pre'>{escape(text)}</span>" if "<" in text else text
