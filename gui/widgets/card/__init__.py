"""The failure card: why the image in view is lost."""
