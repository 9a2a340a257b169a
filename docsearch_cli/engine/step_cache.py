"""What a step's result is cached under.

The key is a hash of the function's name and version, of the source code that a step runs, and of
the parts of its input that it declares to depend on. A step is a pure function of these, so an
equal key means an equal result: an edited document, another question or newer code changes the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from docsearch_cli.byte_cache import ByteCache, KeptByteCache


def open_step_cache(
    home: Path, warn: Callable[[str], None], kept: KeptByteCache | None = None
) -> ByteCache:
    """Return the cache of steps' results.

    Args:
        home: The ``.docsearch`` folder.
        warn: Called once, with the reason in words, if the cache cannot be used.
        kept: What keeps it open between searches; None if nothing does.

    Returns:
        The cache; its files are created when it is first used.
    """
    folder = home / "cache" / "steps"
    return ByteCache(folder, warn) if kept is None else kept.lend(folder, warn)


def step_key(function: str, source: str, parts: Mapping[str, bytes]) -> str:
    """Return the key of a step's result.

    Args:
        function: Registered name and version.
        source: Fingerprint of the code that the step runs.
        parts: The parts of the input that decide the output, by name.

    Returns:
        64 hexadecimal digits. Different parts never give the same bytes to hash: the length of
        each comes before it.
    """
    digest = hashlib.sha256()
    for part in (function.encode(), source.encode(), *_flat(parts)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _flat(parts: Mapping[str, bytes]) -> Iterator[bytes]:
    for name in sorted(parts):
        yield name.encode()
        yield parts[name]
