"""The explorer: one image under any degradations, with a slider for each severity."""
