"""A signature tells who recorded a run and that it is whole; any change of either is refused."""

import json
import shutil
import subprocess

import pytest

pytest.importorskip("cryptography")

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.installation import install_hint
from docsearch_cli.runs.signature import Signature, check_signature
from tests.unit.runs.forging import forging
from tests.unit.runs.keys import write_keys


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path)


@pytest.fixture
def signed(record, keys, tmp_path):
    """Where the signature of the record is, as if that were an exported file."""
    run = tmp_path / "run.docsearch-run"
    Signature.of(record, keys[0]).write(run)
    return run


@pytest.mark.parametrize("ssh", [False, True])
def test_a_signature_is_checked_by_the_public_key(record, tmp_path, ssh):
    secret, known = write_keys(tmp_path, ssh=ssh)
    signature = Signature.of(record, secret)
    signature.write(tmp_path / "x.docsearch-run")

    assert check_signature(record, tmp_path / "x.docsearch-run", known) == signature.signer
    assert signature.signer.startswith("SHA256:")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")
def test_keys_are_made_and_named_as_ssh_keygen_does(record, tmp_path):
    path = tmp_path / "own.pem"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, check=True)

    assert Signature.of(record, path).signer in shown.stdout.decode()


def test_a_record_without_its_end_is_not_what_was_signed(record, signed, keys):
    with forging(record) as forgery:
        del forgery.events[-1]

    with pytest.raises(RunCorruptError, match="no signature of this run by the key SHA256:"):
        check_signature(record, signed, keys[1])


def test_a_record_of_another_date_is_not_what_was_signed(record, signed, keys):
    with forging(record) as forgery:
        forgery.facts["created_at"] = "1999-01-01T00:00:00Z"

    with pytest.raises(RunCorruptError, match="no signature of this run"):
        check_signature(record, signed, keys[1])


def test_another_key_has_not_signed_it(record, signed, tmp_path):
    _, other = write_keys(tmp_path, "other")

    with pytest.raises(RunCorruptError, match="no signature of this run"):
        check_signature(record, signed, other)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(signature="00" * 64),
        lambda data: data.update(signature="xy"),
        lambda data: data.update(format="another"),
        lambda data: data.pop("signer"),
        lambda data: data.update(more=1),
    ],
)
def test_a_signature_that_was_changed_is_none(record, signed, keys, change):
    path = signed.with_name(signed.name + ".sig")
    data = json.loads(path.read_bytes())
    change(data)
    path.write_text(json.dumps(data, sort_keys=True, separators=(",", ":")))

    with pytest.raises(RunCorruptError, match="no signature of"):
        check_signature(record, signed, keys[1])


def test_what_is_no_signature_is_none(record, signed, keys):
    signed.with_name(signed.name + ".sig").write_text("[]")

    with pytest.raises(RunCorruptError, match="is no signature of a run"):
        check_signature(record, signed, keys[1])


def test_a_signature_that_is_not_there_is_said(record, keys, tmp_path):
    with pytest.raises(InputError, match="No such file"):
        check_signature(record, tmp_path / "none", keys[1])


def test_a_file_that_is_no_key_is_said(record, signed, keys, tmp_path):
    odd = tmp_path / "odd.pem"
    odd.write_text("no key")
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "ec.pem").write_bytes(other)

    for path in (odd, tmp_path / "ec.pem", keys[1]):
        with pytest.raises(InputError, match="no private Ed25519 key"):
            Signature.of(record, path)
    for path in (odd, keys[0]):
        with pytest.raises(InputError, match="no public Ed25519 key"):
            check_signature(record, signed, path)


def test_a_signature_that_cannot_be_written_is_said(record, keys, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        Signature.of(record, keys[0]).write(tmp_path / "none" / "x.docsearch-run")


def test_without_the_library_it_is_said_what_to_install(record, keys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives", None)

    with pytest.raises(InputError, match="need the extra 'sign'") as raised:
        Signature.of(record, keys[0])
    assert raised.value.hint == install_hint("sign")
