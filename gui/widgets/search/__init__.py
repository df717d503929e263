"""The page of a search, and of one that is running."""
