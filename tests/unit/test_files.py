import hashlib
import os

import pytest

from docsearch_cli.files import hash_file, opened_file


def test_a_file_is_hashed(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    assert hash_file(tmp_path / "a") == hashlib.sha256(b"abc").digest()


def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="no regular file"), opened_file(tmp_path / "pipe"):
        pass


def test_a_link_is_followed_only_on_demand(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")

    with pytest.raises(OSError):
        hash_file(tmp_path / "link")
    assert hash_file(tmp_path / "link", follow=True) == hash_file(tmp_path / "a")
