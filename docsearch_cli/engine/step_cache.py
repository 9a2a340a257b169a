"""What a step's result is cached under.

The key is a hash of the function's name and version, of the source that a step runs and of what it
declares to look at of its input. A step is a pure function of that, so an equal key means an equal
result: an edited document, another question or newer code is another key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from docsearch_cli.byte_cache import ByteCache


def open_step_cache(home: Path, warn: Callable[[str], None]) -> ByteCache:
    """Return the cache of steps' results.

    Args:
        home: The ``.docsearch`` folder.
        warn: Told once, in words, why there is no cache.

    Returns:
        The cache; its files are made when it is first used.
    """
    return ByteCache(home / "cache" / "steps", warn)


def step_key(function: str, source: str, parts: Mapping[str, bytes]) -> str:
    """Return the key of a step's result.

    Args:
        function: Registered name and version.
        source: Fingerprint of the code that the step runs.
        parts: What of the input decides the output, by name.

    Returns:
        64 hexadecimal digits. No two different calls run together: each part is led by its length.
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
