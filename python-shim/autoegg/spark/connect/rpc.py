"""The few calls to a Spark Connect server, each with a deadline, and each failure as one sentence.

PySpark's own methods repeat a call for ten minutes when the server is gone (``DefaultPolicy`` in client/retries.py; 3.5:
``_retry_policy`` in client/core.py). Before a cell that must not happen, so these use the client's requests and stub.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...errors import ShipFailed
from .clients import address, given

SECONDS = 10.0
"""How long a server may take to answer a question."""

RECONNECT_SECONDS = 2.0
"""How long to wait for a new connection where the old one has broken. gRPC tries once more after a second, give or take a
fifth (its connection back-off protocol), so this covers a refused first try.
"""

ARTIFACT_SECONDS = 300.0
"""How long a file may take; a question before detects a server that is gone."""

_OVER = ("INVALID_HANDLE", "NO_ACTIVE_SESSION")
"""Parts of a server's answers when it no longer knows the session: it was restarted, or the session expired."""


def get_conf(client: Any, name: str) -> str | None:
    """One value of the session's conf; None where it is not set."""
    import pyspark.sql.connect.proto as proto

    wanted = proto.ConfigRequest.GetOption(keys=[name])
    with _one_sentence(client, "did not report which state it runs"):
        answer = _configure(client, proto.ConfigRequest.Operation(get_option=wanted))
    return next((pair.value for pair in answer.pairs if pair.HasField("value")), None)


def set_conf(client: Any, name: str, value: str) -> None:
    """Set one value of the session's conf."""
    import pyspark.sql.connect.proto as proto

    pair = proto.KeyValue(key=name, value=value)
    with _one_sentence(client, "did not accept the new state"):
        _configure(client, proto.ConfigRequest.Operation(set=proto.ConfigRequest.Set(pairs=[pair])))


def unset_conf(client: Any, name: str) -> None:
    """Take one value out of the session's conf."""
    import pyspark.sql.connect.proto as proto

    with _one_sentence(client, "did not take back a setting"):
        _configure(client, proto.ConfigRequest.Operation(unset=proto.ConfigRequest.Unset(keys=[name])))


def add_file(client: Any, path: Path) -> None:
    """Give the session a file: it gets to every worker that runs a task of the session, and to no other session.

    As a file and not as a ``pyfile``: those go on the workers' ``sys.path`` in any order, all together, and on
    that of this process (``_parse_artifacts`` in client/artifact.py).
    """
    content = (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    if content in given(client):  # 3.5 refuses a name that it has, whatever the content
        return
    manager = client._artifact_manager
    with _one_sentence(client, f"did not accept {path.name}"):
        requests = manager._create_requests(str(path), pyfile=False, archive=False, file=True)
        manager._stub.AddArtifacts(requests, metadata=manager._metadata, timeout=ARTIFACT_SECONDS)
    given(client).add(content)


def _configure(client: Any, operation: Any) -> Any:
    request = client._config_request_with_metadata()
    request.operation.CopyFrom(operation)

    def ask(**options: Any) -> Any:
        return client._stub.Config(request, metadata=client._builder.metadata(), **options)

    answer = _reconnecting(ask)
    verify = getattr(client, "_verify_response_integrity", None)  # 3.5 has none
    if verify is not None:
        verify(answer)
    return answer


def _reconnecting(ask: Callable[..., Any]) -> Any:
    """A connection that has broken (a laptop that slept, a network that changed) is reported by the next call, although a
    new one would do.
    """
    import grpc

    try:
        return ask(timeout=SECONDS)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            raise
        return ask(timeout=RECONNECT_SECONDS, wait_for_ready=True)


@contextlib.contextmanager
def _one_sentence(client: Any, what: str) -> Iterator[None]:
    import grpc

    where = f"the Spark Connect server at {address(client)}"
    try:
        yield
    except ShipFailed:
        raise
    except grpc.RpcError as error:
        raise _sentence(error, where, what) from None
    except AssertionError:  # ``_verify_response_integrity``: PySpark closes the client with it
        raise _over(where) from None
    except Exception as error:
        if any(word in str(error) for word in (*_OVER, "closed channel")):
            raise _over(where) from None
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ShipFailed(f"{where} {what}: {reason}") from None


def _sentence(error: Any, where: str, what: str) -> ShipFailed:
    code = error.code().name if hasattr(error, "code") else "UNKNOWN"
    reason = (error.details() or "").partition("\n")[0] if hasattr(error, "details") else ""
    if code in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"):
        return ShipFailed(
            f"{where} does not answer ({code}), so its session cannot be updated to the code on disk; run the cell again "
            "when the server is back, or create a new session",
            gone=True,
        )
    if any(word in reason for word in _OVER):
        return _over(where)
    return ShipFailed(f"{where} {what}: {reason or f'{code}, without a reason (its log may have one)'}")


def _over(where: str) -> ShipFailed:
    return ShipFailed(
        f"{where} no longer knows this session (it was restarted, or the session expired); stop the session and "
        "create a new one with SparkSession.builder.remote(...).getOrCreate()",
        gone=True,
    )
