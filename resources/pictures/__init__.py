"""Pictures of the README and the guide."""
