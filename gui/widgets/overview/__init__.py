"""Overviews: the first page of each run, in blocks that link to the other views."""
