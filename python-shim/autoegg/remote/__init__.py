"""Libraries whose files lie on the Jupyter server's side, while this kernel runs behind a gateway: messages, line and replica."""
