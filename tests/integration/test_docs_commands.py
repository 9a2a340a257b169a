"""Every command that the documentation shows is run, and prints what is shown of its output.

    UPDATE_PAGES=1 python -m pytest tests/integration/test_docs_commands.py

writes what is printed into the pages, where a line that is shown is near to it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import pytest

from docsearch_cli.index.build import build_index
from tests.doc_commands import FOLDERS, Block, Command, MarkError, read_blocks
from tests.integration.conftest import Run
from tests.support import CORPORA, REPOSITORY, SCRIPT, Ended
from tests.unit.corpus.conftest import make_pdf

PAGES = tuple(
    path
    for path in (
        REPOSITORY / "README.md",
        *(REPOSITORY / name for name in ("SECURITY.md",)),
        *sorted((REPOSITORY / "docs").rglob("*.md")),
    )
    if path.is_file() and "decisions" not in path.parts
)
UPDATE = "UPDATE_PAGES"
# What differs from run to run and from machine to machine.
VARIES = (
    (re.compile(r"\d+(?:\.\d+)? (?:ms|s)\b"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}\b"), "ID"),
    (re.compile(r"  +"), " "),
)
_ID = re.compile(r"\b[0-9a-f]{8}\b")
_SHELL = re.compile(r"[|<>;&$`]|^\w+=")
_MANUALS = {
    "pump.pdf": [
        [(18, "Pump P3"), (12, "Operating manual of the feed pump P3.")],
        [(14, "Pressure relief"), (12, "The relief valve opens at 16 bar and closes at 14 bar.")],
        [(14, "Faults"), (12, "Error E17 means that the relief valve is stuck; see Boiler K2.")],
    ],
    "boiler.pdf": [
        [(18, "Boiler K2"), (12, "Service manual of the boiler K2.")],
        [
            (14, "After E17"),
            (12, "Let the boiler cool to 40 degrees, then free the valve by hand."),
        ],
    ],
}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each name that a comment may give; nobody writes there."""
    folders = {name: tmp_path_factory.mktemp(name) for name in FOLDERS}
    for name, corpus in (("fenwick", "fenwick"), ("fresh", "fenwick"), ("vault", "vault")):
        shutil.copytree(CORPORA / corpus, folders[name], dirs_exist_ok=True)
    shutil.copytree(CORPORA, folders["clone"] / "corpora")
    (folders["shelf"] / "manuals").mkdir()
    for name, pages in _MANUALS.items():
        (folders["shelf"] / "manuals" / name).write_bytes(make_pdf(pages))
    for name, documents in (("fenwick", "docs"), ("vault", "notes"), ("shelf", "manuals")):
        build_index(folders[name] / ".docsearch", [folders[name] / documents])
    return folders


def normalised(line: str) -> str:
    for pattern, word in VARIES:
        line = pattern.sub(word, line)
    return line.strip()


class Page:
    """Runs the blocks of one page, each in a copy of its folder that the page keeps."""

    def __init__(self, inline: Run, folders: Callable[[str], Path], chdir: Callable[..., None]):
        self._inline = inline
        self._folders = folders
        self._chdir = chdir
        self._ids: dict[str, str] = {}
        self.nearest: list[tuple[int, str, str]] = []
        self._names: dict[str, object] = {"__name__": "__main__"}

    def wrong(self, block: Block) -> Iterator[str]:
        """Yield what is not as the block says."""
        if not block.folder:
            return
        self._chdir(self._folders(block.folder))
        if block.code:
            try:
                exec(compile(block.code, f"line {block.line}", "exec"), self._names)
            except Exception as error:
                yield f"line {block.line}: {type(error).__name__}: {error}"
            return
        for number, command in enumerate(block.commands, start=1):
            wanted = block.exit_code if number == len(block.commands) else 0
            ended = self._run(self._with_ids(command.words))
            if ended.code != wanted:
                yield f"line {block.line}: {command.words}: ended with {ended.code}: {ended.stderr}"
                continue
            yield from self._differences(block, command, ended)

    def _run(self, line: str) -> Ended:
        words = shlex.split(line, comments=True) if not _SHELL.search(line) else []
        if words[:1] == ["docsearch"] and words[1] != "open":  # which becomes the editor
            return self._inline(*words[1:])
        path = f"{SCRIPT.parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _with_ids(self, line: str) -> str:
        line = _ID.sub(lambda found: self._ids.get(found[0], found[0]), line)
        if re.search(r"\bRUN\b", line):
            line = re.sub(r"\bRUN\b", self._latest(), line)
        return line

    def _latest(self) -> str:
        runs = self._inline("runs", "list", "--json").data["runs"]
        if not runs:
            self._inline("ask", "How do retries and the buffer limit work together?", "--deep")
            runs = self._inline("runs", "list", "--json").data["runs"]
        return str(runs[0]["run_id"])

    def _differences(self, block: Block, command: Command, ended: Ended) -> Iterator[str]:
        """Yield each line that is shown and not printed, in the order of the page."""
        lines = (ended.stdout + ended.stderr).splitlines()
        place = 0
        for shown in command.shown:
            if shown.strip() == "...":
                continue
            rest = [normalised(line) for line in lines[place:]]
            if normalised(shown) in rest:
                place += rest.index(normalised(shown)) + 1
                ids = zip(_ID.findall(shown), _ID.findall(lines[place - 1]), strict=True)
                self._ids.update(ids)
                continue
            near = get_close_matches(normalised(shown), rest, n=1)
            words = f"line {block.line}: {command.words}: does not print {shown!r}"
            if not near:
                yield "\n".join((f"{words}:", *lines))
                return
            place += rest.index(near[0]) + 1
            self._ids.update(zip(_ID.findall(shown), _ID.findall(lines[place - 1]), strict=False))
            self.nearest.append((block.line, shown, lines[place - 1]))
            yield f"{words}, but {lines[place - 1]!r}"


def corrected(text: str, nearest: Sequence[tuple[int, str, str]]) -> str:
    """Return a page that shows what is printed, where a line that is near to it is."""
    lines = text.split("\n")
    for number, shown, printed in nearest:
        place = lines.index(shown, number)
        ids = dict(zip(_ID.findall(printed), _ID.findall(shown), strict=False))
        lines[place] = _ID.sub(lambda found, ids=ids: ids.get(found[0], found[0]), printed.rstrip())
    return "\n".join(lines)


@pytest.fixture
def page(
    prepared: dict[str, Path],
    tmp_path: Path,
    inline: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Page:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.setenv("DOCSEARCH_WORKERS", "1")  # never changes the result

    def folder(name: str) -> Path:
        own = tmp_path / name
        if not own.exists():
            shutil.copytree(prepared[name], own)
        return own

    return Page(inline, folder, monkeypatch.chdir)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_commands_do_what_the_page_shows(path: Path, page: Page) -> None:
    text = path.read_text("utf-8")
    wrong = [line for block in read_blocks(text) for line in page.wrong(block)]
    if UPDATE in os.environ:
        path.write_text(corrected(text, page.nearest), encoding="utf-8")

    assert not wrong, "\n\n".join(wrong)


def test_a_command_that_prints_something_else_is_told(page: Page) -> None:
    shown = "<!-- run in fenwick -->\n```console\n$ docsearch status\nno such line\n```\n"

    (wrong,) = page.wrong(read_blocks(shown)[0])

    assert "does not print 'no such line'" in wrong


def test_a_command_that_ends_otherwise_is_told(page: Page) -> None:
    text = "```sh\ndocsearch show docs/none.md\n```\n"

    (wrong,) = page.wrong(read_blocks(f"<!-- run in fenwick -->\n{text}")[0])
    right = list(page.wrong(read_blocks(f"<!-- run in fenwick; exits with 3 -->\n{text}")[0]))

    assert "ended with 3" in wrong
    assert right == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```sh\nls\n```\n", "no comment says"),
        ("<!-- not run: -->\n```sh\nls\n```\n", "for no reason"),
        ("<!-- run in nowhere -->\n```sh\nls\n```\n", "no folder 'nowhere'"),
    ],
)
def test_a_block_that_says_nothing_of_how_it_is_run_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(MarkError, match=reason):
        read_blocks(text)


def test_the_readme_shows_the_main_commands() -> None:
    blocks = read_blocks((REPOSITORY / "README.md").read_text("utf-8"))
    run = [command.words for block in blocks if block.folder for command in block.commands]

    assert [words.split()[1] for words in run] == ["index", "ask", "ask", "replay"]


def test_a_page_is_corrected_where_something_near_is_printed(page: Page) -> None:
    text = "<!-- run in fenwick -->\n```console\n$ docsearch graph links\nLINE\n...\n```\n"
    shown = "305 links resolved, 0 external, 3 broken, 1 ambiguous; 0 orphans"
    before = text.replace("LINE", shown)

    (wrong,) = page.wrong(read_blocks(before)[0])
    after = corrected(before, page.nearest)

    assert "but '306 links" in wrong
    assert after == before.replace("305", "306")
