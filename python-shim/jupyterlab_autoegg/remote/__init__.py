"""Libraries of this server's machine for kernels behind a gateway (``--gateway-url``)."""
