"""What kernels of this server run before their first cell."""
