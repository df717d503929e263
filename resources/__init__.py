"""Bundled data: weights with their model cards, icons."""
