"""What the window shows, as arrays and text, made of run folders. No Qt in here."""
