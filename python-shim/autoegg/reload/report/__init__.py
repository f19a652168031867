"""What the user reads about a reload."""
