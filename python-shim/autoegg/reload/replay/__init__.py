"""Stage 4: affected modules are replayed in order; results of unchanged statements are kept, the rest runs."""
