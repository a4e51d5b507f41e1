"""Messages of docs/worker-protocol.md: a 4-byte little-endian length, then UTF-8 JSON."""

from __future__ import annotations

import json
import socket
import struct

VERSION = 1
MAXIMUM_BYTES = 64 << 20
_LENGTH = struct.Struct("<I")


class ProtocolError(Exception):
    """The other side broke the protocol: nothing after it can be understood."""


def _read_exactly(connection: socket.socket, count: int) -> bytes | None:
    """`count` bytes, or None where the socket closes before them."""
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


def receive(connection: socket.socket) -> dict | None:
    """The next message, or None where the socket has closed."""
    head = _read_exactly(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAXIMUM_BYTES:
        raise ProtocolError(f"a message of {length} bytes is longer than {MAXIMUM_BYTES}")
    body = _read_exactly(connection, length)
    if body is None:
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise ProtocolError("a message is no JSON object")
    return message


def send(connection: socket.socket, message: dict) -> None:
    body = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)
