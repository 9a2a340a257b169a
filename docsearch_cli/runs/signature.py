"""A signature of a run, for what its record cannot tell: who recorded it, and that it is whole.

What is signed is the run's id, the number of its events and the hash of the last one. That hash
covers all events before it, and they name all content by its hash. The signature is a file beside
an exported run. Ed25519 (Bernstein et al. 2012) by the library ``cryptography``, which the extra
``sign`` installs; it is imported only here, and only to sign or to check.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.files import opened_file
from docsearch_cli.runs.canonical import read_canonical
from docsearch_cli.runs.store import RunStore
from docsearch_cli.steps import canonical_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SIGNATURE_SUFFIX = ".sig"
_FORMAT = "docsearch run signature 1"
# No key and no signature is larger.
_MOST_BYTES = 100_000
_MAKE_ONE = 'ssh-keygen -t ed25519 -N "" -f signer.pem makes one, and signer.pem.pub'


@dataclass(frozen=True, slots=True)
class Signature:
    """What a key says of a run."""

    format: str
    run_id: str
    events: int
    head: str
    """Hash of the last event."""
    signer: str
    """Fingerprint of the public key, as ssh-keygen -l shows it."""
    signature: str
    """64 bytes, in hexadecimal digits."""

    @classmethod
    def of(cls, store: RunStore, key_file: Path) -> Signature:
        """Sign a run.

        Args:
            store: Its record.
            key_file: The private key: PEM or OpenSSH, without a passphrase.

        Returns:
            The signature.

        Raises:
            InputError: If the key cannot be used, or the extra ``sign`` is not installed.
        """
        key = _private_key(key_file)
        run_id, events, head = _facts(store)
        signed = key.sign(_message(run_id, events, head))
        return cls(_FORMAT, run_id, events, head, _fingerprint(key.public_key()), signed.hex())

    def write(self, target: Path) -> None:
        """Write the signature beside an exported run.

        Args:
            target: The exported run.

        Raises:
            InputError: If it cannot be written.
        """
        path = Path(f"{target}{SIGNATURE_SUFFIX}")
        try:
            path.write_bytes(canonical_json(asdict(self)) + b"\n")
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from error


def check_signature(store: RunStore, run: Path, key_file: Path) -> str:
    """Check the signature of an exported run.

    Args:
        store: The run's record.
        run: The exported file, beside which the signature is.
        key_file: The public key: PEM or OpenSSH.

    Returns:
        The key's fingerprint.

    Raises:
        InputError: If there is no signature, or no key that can be used.
        RunCorruptError: If it is not one of this run by this key.
    """
    key = _public_key(key_file)
    from cryptography.exceptions import InvalidSignature

    path = Path(f"{run}{SIGNATURE_SUFFIX}")
    try:
        found = Signature(**read_canonical(_read(path).rstrip(b"\n")))
        signed = bytes.fromhex(found.signature)
        is_ours = found.format == _FORMAT
    except (ValueError, TypeError, RecursionError) as error:
        raise RunCorruptError(f"{path} is no signature of a run: {error}") from error
    try:
        key.verify(signed, _message(*_facts(store)))
    except InvalidSignature:
        is_ours = False
    if not is_ours:
        raise RunCorruptError(
            f"{path.name} is no signature of this run by the key {_fingerprint(key)}"
        )
    return _fingerprint(key)


def _facts(store: RunStore) -> tuple[str, int, str]:
    """Return a run's id, the number of its events, and the hash of the last."""
    events = store.events()
    return str(events[0].data.get("run_id")), len(events), store.head


def _message(run_id: str, events: int, head: str) -> bytes:
    return canonical_json({"format": _FORMAT, "run_id": run_id, "events": events, "head": head})


def _private_key(path: Path) -> Ed25519PrivateKey:
    serialization = _library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = _load(
        path,
        lambda data: serialization.load_pem_private_key(data, None),
        lambda data: serialization.load_ssh_private_key(data, None),
    )
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} is no private Ed25519 key", hint=_MAKE_ONE)
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    serialization = _library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = _load(path, serialization.load_pem_public_key, serialization.load_ssh_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path} is no public Ed25519 key", hint=_MAKE_ONE)
    return key


def _load(path: Path, *readers: Any) -> Any:
    """Return the key in a file, by the first reader that makes one of it; None if none does."""
    from cryptography.exceptions import UnsupportedAlgorithm

    data = _read(path)
    for read in readers:
        try:
            return read(data)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    return None


def _read(path: Path) -> bytes:
    try:
        with opened_file(path, follow=True) as handle:
            return handle.read(_MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        from docsearch_cli.installation import install_hint

        raise InputError("signatures need the extra 'sign'", hint=install_hint("sign")) from error
    return serialization


def _fingerprint(key: Ed25519PublicKey) -> str:
    """Return a public key's fingerprint, as ssh-keygen -l shows it."""
    import base64

    from cryptography.hazmat.primitives import serialization

    encoded = key.public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    ).split(b" ")[1]
    digest = hashlib.sha256(base64.b64decode(encoded)).digest()
    return "SHA256:" + base64.b64encode(digest).rstrip(b"=").decode()
