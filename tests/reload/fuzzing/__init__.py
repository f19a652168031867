"""What the fuzz is made of: random libraries and their edits, what a fresh process sees, what the notebook holds."""
