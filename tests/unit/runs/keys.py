"""Pairs of keys, as OpenSSL and OpenSSH write them."""

from __future__ import annotations

from pathlib import Path


def write_keys(folder: Path, name: str = "signer", *, ssh: bool = False) -> tuple[Path, Path]:
    """Write a new private and public key; needs the extra ``sign``."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem, line = serialization.Encoding.PEM, serialization.Encoding.OpenSSH
    private, public = serialization.PrivateFormat, serialization.PublicFormat
    key = Ed25519PrivateKey.generate()
    secret, known = folder / f"{name}.pem", folder / f"{name}.pub"
    secret.write_bytes(
        key.private_bytes(
            pem, private.OpenSSH if ssh else private.PKCS8, serialization.NoEncryption()
        )
    )
    known.write_bytes(
        key.public_key().public_bytes(line, public.OpenSSH)
        if ssh
        else key.public_key().public_bytes(pem, public.SubjectPublicKeyInfo)
    )
    return secret, known
