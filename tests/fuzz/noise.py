"""Mutations of bytes, whatever they are: as a bad disk, a bad copy or a bad tool leaves them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

Mutation = Callable[[random.Random, bytes, bytes], bytes]

_TOKENS = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(b'"', b'""', b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\n\n\n", b"{", b"}", b"[", b"]"),
    *(b"\\", b"PAR1", b"PARE", b"\x1f\x8b", b"PK\x03\x04", b"\x1a", b"'", b":", b"null", b"NaN"),
    b" " * 70,
)


def _place(rng: random.Random, content: bytes) -> int:
    return rng.randrange(len(content) + 1)


def _flip(rng: random.Random, content: bytes, other: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8)) if content else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + rng.randbytes(rng.choice((1, 4, 30))) + content[start + 4 :]


def _flip_near_the_end(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = max(0, len(content) - rng.choice((8, 64, 600)))
    return content[:start] + _flip(rng, content[start:], other)


def _insert(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + rng.choice(_TOKENS) * rng.choice((1, 1, 2, 50)) + content[start:]


def _delete(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + content[start + rng.choice((1, 2, 20, 200)) :]


def _duplicate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    start = _place(rng, content)
    end = start + rng.choice((1, 20, 400))
    return content[:end] + content[start:end] * rng.choice((1, 3, 30)) + content[end:]


def _truncate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: _place(rng, content)]


def _splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: _place(rng, content)] + other[_place(rng, other) :]


def _append(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content + other


def _encode(rng: random.Random, content: bytes, other: bytes) -> bytes:
    encoding = rng.choice(
        ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig")
    )
    return content.decode("utf-8", "replace").encode(encoding, "replace")


def _line_ends(rng: random.Random, content: bytes, other: bytes) -> bytes:
    ends = rng.choice(
        ((b"\r",), (b"\r\n",), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"\n\r",), (b"\x0b",))
    )
    lines = content.split(b"\n")
    return b"".join(line + rng.choice(ends) for line in lines[:-1]) + lines[-1]


def _nothing_but(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return rng.choice((b"", b"\n", b"\r", b"\0", b"\xef\xbb\xbf", b" ", rng.randbytes(300)))


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _flip, _overwrite, _flip_near_the_end, _insert, _insert, _delete, _duplicate),
    *(_truncate, _splice, _append, _encode, _line_ends, _nothing_but),
)


def mutate(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """The content after one mutation; ``other``: content of another file, to be spliced in."""
    return rng.choice(MUTATIONS)(rng, content, other)


def pack(rng: random.Random, content: bytes) -> bytes:
    """The content gzipped, mostly as it should be."""
    packed = gzip.compress(content, rng.choice((1, 9)), mtime=0)
    spoil = rng.choice(("", "", "", "", "members", "cut", "tail", "zeros", "flip", "twice", "none"))
    if spoil == "members":
        half = len(content) // 2
        return gzip.compress(content[:half], mtime=0) + gzip.compress(content[half:], mtime=0)
    if spoil == "cut":
        return packed[: rng.randrange(len(packed))]
    if spoil == "tail":
        return packed + rng.randbytes(9)
    if spoil == "zeros":
        return packed + bytes(512)
    if spoil == "flip":
        return _flip(rng, packed, b"")
    if spoil == "twice":
        return gzip.compress(packed, mtime=0)
    return content if spoil == "none" else packed


def bomb(rng: random.Random, gigabytes: int) -> bytes:
    """A gzip file of about a megabyte per gigabyte that it unpacks to."""
    line = rng.choice((b"\0", b"\n", b" ", b"a,b\n", b'{"a":1}\n', b'"', b"{"))
    member = gzip.compress(line * (2**26 // len(line)), mtime=0)
    return member * (16 * gigabytes)
