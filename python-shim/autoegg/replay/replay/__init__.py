"""Stage 4: affected modules are replayed in order; what stands is taken over, the rest runs."""
