"""What the benchmarks share. Measured processes never import this: the extension would take it for a local library."""
