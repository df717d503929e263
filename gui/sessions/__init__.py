"""Open runs: what of each is read, what is selected in it, and what a person has noted of it."""
