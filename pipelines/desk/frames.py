"""What the desk and its worker say to each other: JSON facts, then byte strings, each with its length before it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Final

_LENGTH: Final = struct.Struct(">Q")


def packed(facts: Mapping[str, object], *bodies: bytes) -> bytes:
    """One message."""
    head = json.dumps(facts, ensure_ascii=True).encode()
    return b"".join(_LENGTH.pack(len(part)) + part for part in (head, *bodies))


def unpacked(message: bytes) -> tuple[dict[str, object], Sequence[bytes]]:
    """Facts and byte strings of a message. Raises ValueError when it is none."""
    parts, at = [], 0
    while at < len(message):
        if at + _LENGTH.size > len(message):
            raise ValueError("a message is cut off")
        (length,) = _LENGTH.unpack_from(message, at)
        at += _LENGTH.size
        parts.append(message[at : at + length])
        at += length
    if at != len(message) or not parts:
        raise ValueError("a message is cut off")
    facts = json.loads(parts[0])
    if not isinstance(facts, dict):
        raise TypeError("facts are a JSON object")
    return facts, parts[1:]
