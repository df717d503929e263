"""Starting runs, and the list of jobs."""
