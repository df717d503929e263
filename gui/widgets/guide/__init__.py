"""The guide in a window of its own: contents, search, and the page in view."""
