from pathlib import Path

import pytest

from tests.bench.seed_corpus import GrowError, read_seed


def test_a_seed_without_sections_is_refused(tmp_path: Path) -> None:
    (tmp_path / "only.md").write_text("# Title\n\nText.\n")

    with pytest.raises(GrowError, match="no Markdown"):
        read_seed(tmp_path)
