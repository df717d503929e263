"""Tool tips with text from outside: names of classes, models and folders."""

from html import escape


def plain(text: str) -> str:
    """Return text for a tool tip that shows it literally; Qt would render text that contains tags as HTML."""
    return f"<span style='white-space: pre'>{escape(text)}</span>" if "<" in text else text
