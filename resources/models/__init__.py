"""Trained networks (.keras) and their model cards (.json)."""
