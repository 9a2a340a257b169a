"""What the machine refuses is named as what it is: no traceback, no damage that is none."""

import gc
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions
from tests.support import Ended, command_line, restrained_line, run_command

QUESTION = "What happens when a buffer is full, and which status do senders see?"
ASK_HERE = ("ask", QUESTION, "--deep", "--engine", "inline")
LINE = restrained_line()
obeys_permissions = pytest.mark.skipif(LINE is None, reason="root obeys no permissions here")


@pytest.fixture
def closing(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Close a folder to everybody, until the test has ended."""
    closed: list[Path] = []

    def close(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0)
        closed.append(folder)
        return folder

    yield close
    for folder in reversed(closed):
        folder.chmod(0o700)


def restrained(*words: str, cwd: Path) -> Ended:
    return run_command(*words, cwd=cwd, line=LINE)


@pytest.fixture(scope="module")
def recorded(fenwick_index: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with one deep run and its cache, and the run's id; nobody writes here."""
    folder = tmp_path_factory.mktemp("recorded")
    shutil.copytree(fenwick_index, folder, dirs_exist_ok=True)
    home = folder / ".docsearch"
    settings = load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": "/nonexistent"})
    result = ask(home, open_index(home), QUESTION, AskOptions(settings, "deep", "inline"))
    return home, str(result.run_id)


@pytest.fixture
def run(recorded: tuple[Path, str], fenwick: Path) -> str:
    """The id of a run that ``fenwick`` has."""
    home, run_id = recorded
    for name in ("runs", "cache"):
        shutil.copytree(home / name, fenwick / ".docsearch" / name, dirs_exist_ok=True)
    return run_id


def assert_named(ended: Ended, *words: str) -> None:
    """A refusal in words: the thing, and what to do."""
    assert "Traceback" not in ended.stderr
    assert "this is a bug" not in ended.stderr
    assert "--rebuild" not in ended.stderr
    assert ended.code == 3
    for word in words:
        assert word in ended.stderr


@obeys_permissions
def test_a_closed_index_is_named(fenwick: Path, closing: Callable[[str], Path]) -> None:
    closing(".docsearch/index")

    for words in (("status",), ("ask", QUESTION, "--simple"), ("graph", "links")):
        assert_named(restrained(*words, cwd=fenwick), "may not be read", "--index DIR")


@obeys_permissions
def test_a_closed_file_of_an_index_is_not_called_damaged(fenwick: Path) -> None:
    (file,) = (fenwick / ".docsearch" / "index").glob("*/sections.texts.utf8")
    file.chmod(0)

    assert_named(
        restrained("ask", QUESTION, "--simple", cwd=fenwick), file.name, "Permission denied"
    )


@obeys_permissions
def test_what_needs_no_closed_cache_works(
    fenwick: Path, run: str, closing: Callable[[str], Path]
) -> None:
    closing(".docsearch/cache")

    for words in (("status",), ("ask", QUESTION, "--simple"), ("replay", run)):
        assert restrained(*words, cwd=fenwick).code == 0
    asked = restrained(*ASK_HERE, cwd=fenwick)
    assert asked.code == 0
    assert asked.stderr.count("the step cache is not used") == 1


@obeys_permissions
def test_closed_runs_are_named_and_break_nothing_else(
    fenwick: Path, run: str, closing: Callable[[str], Path]
) -> None:
    closing(".docsearch/runs")

    assert restrained("ask", QUESTION, "--simple", cwd=fenwick).code == 0
    for words in (("list",), ("replay", "--all"), ("verify", run), ("rm", run)):
        assert_named(restrained("runs", *words, cwd=fenwick), "runs", "Permission denied")


@obeys_permissions
def test_a_run_of_somebody_else_breaks_no_other(
    fenwick: Path, run: str, closing: Callable[[str], Path]
) -> None:
    closing(".docsearch/runs/abcdef12")

    listed = restrained("runs", "list", cwd=fenwick)
    replayed = restrained("runs", "replay", "--all", cwd=fenwick)

    assert listed.code == 0
    assert listed.stdout.startswith(run)
    assert "run abcdef12: " in listed.stderr
    assert "Permission denied" in listed.stderr
    assert replayed.code == 0
    assert "abcdef12  not replayed: " in replayed.stdout
    assert restrained("replay", run, cwd=fenwick).code == 0
    assert_named(restrained("replay", "abcdef12", cwd=fenwick), "Permission denied")


@obeys_permissions
def test_an_index_that_may_not_be_read_is_passed_over(
    fenwick: Path, closing: Callable[[str], Path]
) -> None:
    closing("below/.docsearch")

    ended = restrained("ask", QUESTION, "--simple", cwd=fenwick / "below")

    assert ended.code == 0
    assert "passed over: " in ended.stderr


@obeys_permissions
def test_an_index_that_may_not_be_written_answers_all_the_same(fenwick: Path, run: str) -> None:
    folders = [fenwick / ".docsearch", *(fenwick / ".docsearch").rglob("*")]
    for path in folders:
        path.chmod(path.stat().st_mode & ~0o222)

    try:
        asked = restrained(*ASK_HERE, cwd=fenwick)
        indexed = restrained("index", "docs", cwd=fenwick)
        read = [
            restrained(*words, cwd=fenwick)
            for words in (("runs", "list"), ("replay", run), ("runs", "verify", run))
        ]
        removed = restrained("runs", "rm", run, cwd=fenwick)
    finally:
        for path in folders:
            path.chmod(path.stat().st_mode | 0o200)

    assert asked.code == 0
    assert "the run is not recorded" in asked.stderr
    assert indexed.code == 3
    assert [ended.code for ended in read] == [0, 0, 0]
    assert_named(removed, "Permission denied")


def in_a_folder_that_is_gone(*words: str, folder: Path) -> Ended:
    gone = folder / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$1"; shift; exec "$@"', "sh", str(gone), *command_line(*words)],
        cwd=gone,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("words", [("status",), ("index", "docs"), ("ask", "x"), ("runs", "list")])
def test_a_current_folder_that_is_gone_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = in_a_folder_that_is_gone(*words, folder=tmp_path)

    assert_named(ended, "the current folder has been removed", "cd to a folder")


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_an_index_named_in_full_needs_no_current_folder(fenwick: Path, mode: str) -> None:
    index = str(fenwick / ".docsearch")

    ended = in_a_folder_that_is_gone("ask", QUESTION, mode, "--index", index, folder=fenwick)

    assert (ended.code, ended.stderr.count("Traceback")) == (0, 0)
    assert ended.stdout


def limited(*words: str, limit: str, cwd: Path) -> Ended:
    done = subprocess.run(
        ["sh", "-c", f'ulimit {limit}; exec "$@"', "sh", *command_line(*words)],
        cwd=cwd,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("words", [("--simple",), ("--deep", "--no-cache")])
def test_sixty_four_open_files_are_enough_to_ask(fenwick: Path, words: tuple[str, ...]) -> None:
    assert limited("ask", QUESTION, *words, limit="-n 64", cwd=fenwick).code == 0


@pytest.mark.parametrize("files", [12, 16, 20])
def test_too_few_open_files_are_named(fenwick: Path, files: int) -> None:
    ended = limited("ask", QUESTION, "--simple", limit=f"-n {files}", cwd=fenwick)

    if ended.code:  # whether they are enough depends on the system's libraries
        assert_named(ended, "Too many open files")


def test_files_are_not_left_out_of_an_index_for_want_of_open_files(fenwick: Path) -> None:
    index = fenwick / "new"
    docs = Path(__file__).parents[2] / "corpora" / "fenwick" / "docs"
    for files in (14, 24, 64):
        ended = limited("index", str(docs), "--index", str(index), limit=f"-n {files}", cwd=fenwick)

        assert "Traceback" not in ended.stderr
        assert "unreadable" not in ended.stdout
        assert ended.code == 0 or "Too many open files" in ended.stderr
    assert ended.code == 0


def test_a_pipe_that_nobody_reads_ends_every_command_quietly(fenwick: Path) -> None:
    for words in (("status",), ("status", "--json"), ("--help",), ("ask", "--help"), ("ask", "x")):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            command_line(*words),
            cwd=fenwick,
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b""), words


def test_an_error_that_nobody_reads_keeps_its_exit_code(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command_line("status"), cwd=tmp_path, stdout=write, stderr=write, timeout=60, check=False
    )
    os.close(write)

    assert done.returncode == 3


@pytest.mark.parametrize("megabytes", [60, 120])
@pytest.mark.parametrize("words", [("ask", "x", "--simple"), ("index", "docs")])
def test_too_little_memory_is_named(fenwick: Path, words: tuple[str, ...], megabytes: int) -> None:
    (fenwick / "docs" / "a.md").write_text("# A\n\nText.\n")

    ended = limited(*words, limit=f"-v {megabytes * 1000}", cwd=fenwick)

    if ended.code:  # whether it is enough depends on the system's libraries
        assert_named(ended, "Out of memory")


@pytest.mark.parametrize("command", ["list", "replay", "verify", "export", "why", "rm"])
def test_runs_need_no_index(fenwick: Path, run: str, command: str) -> None:
    shutil.rmtree(fenwick / ".docsearch" / "index")
    words = {
        "list": ("runs", "list"),
        "replay": ("replay", run),
        "verify": ("runs", "verify", run),
        "export": ("runs", "export", run),
        "why": ("runs", "why", run, "glossary.md"),
        "rm": ("runs", "rm", run),
    }[command]

    ended = run_command(*words, cwd=fenwick)

    assert (ended.code, "Traceback" in ended.stderr) == (0, False)
    assert ended.stdout


def test_a_full_disk_costs_the_record_and_not_the_answer(fenwick: Path) -> None:
    """No file may grow above 24 KB: as if the disk were full as the run is recorded."""
    ended = limited("ask", QUESTION, "--deep", "--no-cache", limit="-f 24", cwd=fenwick)
    data = json.loads(limited(*ASK_HERE, "--json", limit="-f 24", cwd=fenwick).stdout)["data"]

    assert ended.code == 0
    assert ended.stderr.count("the run is not recorded: ") == 1
    assert data["run_id"] is None
    assert data["answer"]["found"]
    assert any(note.startswith("the run is not recorded: ") for note in data["notes"])
    assert list((fenwick / ".docsearch" / "runs").iterdir()) == []


def test_an_empty_name_of_an_index_is_refused(inline: Callable[..., Ended]) -> None:
    for words in (("status",), ("ask", "x"), ("index", "."), ("runs", "list")):
        ended = inline(*words, "--index", "")

        assert (ended.code, "it is empty" in ended.stderr) == (2, True)


@pytest.mark.parametrize("number", ["9" * 5_000, "0o" + "7" * 60, "0b" + "1" * 60, "1_0", "²"])
def test_numbers_that_are_none_are_refused_in_words(
    fenwick: Path, inline: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    (fenwick / "q.jsonl").write_text('{"id": "1", "question": "x", "gold": ["glossary.md"]}\n')
    (fenwick / "docsearch.toml").write_text("[limits]\nfan_out = 0x" + "f" * 5_000 + "\n")
    for words, code in (
        (("ask", "x", "--max-agents", number), 2),
        (("eval", "q.jsonl", "--agents", number), 2),
        (("runs", "list", "--limit", number), 2),
        (("ask", "x", "--simple"), 3),
    ):
        ended = inline(*words)

        assert ended.code == code, words
        assert "whole number" in ended.stderr or "list of budgets" in ended.stderr
        assert len(ended.stderr) < 500
    (fenwick / "docsearch.toml").unlink()
    monkeypatch.setenv("COLUMNS", number)
    assert inline("runs", "list").code == 0
    monkeypatch.setenv("DOCSEARCH_FAN_OUT", number)
    assert inline("config", "show").code == 3


def test_rounds_of_watching_leave_no_file_open(
    tmp_path: Path, inline: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the collector of cycles does not come by."""
    from docsearch_cli.cli import indexing

    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(20):
        (docs / f"{number}.md").write_text(f"# Page {number}\n\nSee [next]({number + 1}.md).\n")
    counts = []

    def rounds(_paths: object) -> Iterator[bool]:
        for number in range(8):
            with (docs / f"{number}.md").open("a") as page:
                page.write(f"\nRound {number} of Page {number}.\n")
            if number % 4 == 3:
                (docs / f"{number + 10}.md").unlink()
            if number == 5:
                (docs / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
            yield True
            counts.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208

    monkeypatch.setattr(indexing, "changes", rounds)
    gc.disable()
    try:
        assert inline("index", "docs", "--watch").code == 0
    finally:
        gc.enable()

    assert len(counts) == 8
    assert counts[-1] <= counts[0]
