"""A small indexed corpus, and questions asked of it in this process."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from docsearch_cli.config import Settings, load_settings
from docsearch_cli.index.build import build_index
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.search.result import AskOptions
from tests.support import write_files

FILES = {
    "hub.md": "# Hub\n\nThe [pump](pump.md) and the [valve](valve.md) belong to the mill.\n",
    "pump.md": "# Pump\n\nA pump lifts water. It needs a [valve](valve.md).\n",
    "valve.md": "# Valve\n\nThe valve opens at 12 bar. See [mill](mill.md) and [hub](hub.md).\n",
    "mill.md": "# Mill\n\nThe mill grinds rye. Nobody asked for a pump.\n",
    "far.md": "# Far\n\nNothing of this is about anything.\n",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """An index, and options to ask it with."""

    home: Path
    index: IndexReader

    def settings(self, **limits: int) -> Settings:
        return load_settings(limits, environment={"DOCSEARCH_CONFIG_DIR": "/nonexistent"})

    def options(self, *, mode="deep", use_cache=False, starts=(), **limits: int) -> AskOptions:
        return AskOptions(
            settings=self.settings(**limits),
            mode=mode,
            engine="inline",
            use_cache=use_cache,
            starts=starts,
        )


@pytest.fixture
def desk(tmp_path, corpus_folder):
    home = tmp_path / ".docsearch"
    build_index(home, [write_files(corpus_folder, FILES)])
    return Desk(home, open_index(home))
