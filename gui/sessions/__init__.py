"""Open runs: what is read of each, what is selected in it, and what the user has marked."""
