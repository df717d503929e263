"""The viewer's icons."""
