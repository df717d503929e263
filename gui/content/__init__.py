"""What the window shows, as arrays and text made from run folders; this package does not use Qt."""
