"""The pages of a search, finished or running."""
