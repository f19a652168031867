"""Stage 3: what has changed on disk, and which statements that concerns."""
