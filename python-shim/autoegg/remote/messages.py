"""The messages between a Jupyter server and a kernel behind a gateway, over the kernel's own connection.

The server's go over the control channel, which has a thread of its own in ipykernel 6 and 7: they arrive while a cell waits. The kernel's
go over IOPub, to everybody who listens; each names the server that it is for. Contents are JSON, as a gateway may not pass buffers on.

Each process of a server has a name of its own, ``server``.

Server to kernel (``TO_KERNEL``), all with ``protocol`` and ``server``:

- ``offer``: ``libraries``, a list of ``{key, name, kind, path}``.
- ``answer`` to ``ask``: ``number``, ``libraries``: key to one of ``{"unchanged": true}``, ``{"failure": {code, message, file}}``,
  ``{"version", "files": {path: {digest, size}}, "contents": {digest: base64}}``. ``contents`` are those that the kernel probably lacks, if they are small.
  Each also has ``library``, the key of the server's daemon, if that watches the library.
- ``part`` of an answer to ``fetch``: ``number``, ``digest``, ``data`` (base64) and ``last``; or ``failure``, a sentence.

Kernel to server (``TO_SERVER``), all with ``protocol``:

- ``here``: for any server: this kernel has just loaded autoegg.
- ``taken``: what became of an offer: ``keys`` of the libraries that the kernel has now, and ``refused``: key to why not, of the others.
- ``refused`` (``message``): the kernel takes nothing at all of an offer.
- ``ask``: ``number``, ``known``: key to version or null.
- ``fetch``: ``number``, ``key``, ``version``, ``digests``.
- ``cancel``: ``number`` of a ``fetch`` that nobody waits for any more.
"""

from __future__ import annotations

REMOTE_PROTOCOL = 1

TO_KERNEL = "autoegg_server"
TO_SERVER = "autoegg_kernel"

WILL_OFFER = "KERNEL_AUTOEGG_SERVER"
"""Environment variable of a kernel whose server has libraries for every kernel. Gateways pass on what begins with ``KERNEL_``."""

PART = 512 * 1024
"""Bytes of content in one message: a WebSocket of tornado takes 10 MiB at most, other gateways less."""
