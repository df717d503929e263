"""Budgets for everything that is read from files of strangers. Each limit is defined here, once."""
