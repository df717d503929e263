"""Asking for a run, and the list of those asked for."""
