"""The Python side of the daemon: finding Node, starting a daemon, and the link that a kernel talks over."""
