"""The atlas: a map of clean and degraded images by the features that the model sees in them."""
