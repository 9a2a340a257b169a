"""Which tests a mutant meets, how it ends, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.bench.forked_tests import Copy, Stage
from tests.bench.mutants import find_mutants
from tests.bench.mutate import (
    KEPT,
    Kept,
    Outcome,
    Unchanged,
    Verdict,
    read_kept,
    report_lines,
    run_unchanged,
    score,
    set_kept_apart,
    stages_of,
    stale,
    try_mutant,
)

SOURCE = b"""LIMIT = 3


def is_near(x: int) -> bool:
    while x < 0:
        x += 1
    return x < LIMIT


UNSEEN = 7
"""
TESTS = """from pathlib import Path
from package.part.near import is_near


def test_limit():
    assert is_near(2) and not is_near(3)


def test_below():
    assert is_near(-2)


def test_source():
    assert Path("package/part/near.py").stat().st_size == SIZE
""".replace("SIZE", str(len(SOURCE)))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        "package/__init__.py": "",
        "package/part/__init__.py": "",
        "package/part/near.py": SOURCE.decode(),
        "package/part/deeper/other.py": "",
        "package/alone.py": "",
        "tests/__init__.py": "",
        "tests/unit/__init__.py": "",
        "tests/unit/test_alone.py": "",
        "tests/unit/test_house.py": "",
        "tests/unit/part/__init__.py": "",
        "tests/unit/part/test_near.py": TESTS,
        "tests/unit/part/test_near_misses.py": "",
        "tests/unit/part/test_nearest.py": "",
        "tests/then.py": "",
    }
    for path, text in files.items():
        file = tmp_path / "repository" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "repository"


PART = "tests/unit/part"
OWN = (f"{PART}/test_near.py", f"{PART}/test_near_misses.py")


def test_the_tests_of_a_module_come_before_those_of_its_package(repository: Path) -> None:
    stages = stages_of("package/part/near.py", repository, then=["tests/then.py", "tests/none.py"])

    assert stages == [Stage(OWN), Stage((PART,), OWN), Stage(("tests/then.py",))]


def test_a_package_without_tests_has_those_of_the_one_above(repository: Path) -> None:
    assert stages_of("package/part/deeper/other.py", repository) == [Stage((PART,))]


def test_a_module_beside_the_packages_has_the_tests_beside_theirs(repository: Path) -> None:
    alone = ("tests/unit/test_alone.py",)

    assert stages_of("package/alone.py", repository) == [
        Stage(alone),
        Stage(("tests/unit/test_house.py",), alone),
    ]


def test_the_tests_can_be_chosen(repository: Path) -> None:
    chosen = [f"{PART}/test_nearest.py"]

    assert stages_of("package/part/near.py", repository, tests=chosen) == [Stage(tuple(chosen))]


@pytest.fixture
def copy(repository: Path) -> Iterator[Copy]:
    made = Copy(repository)
    yield made
    made.close()


def test_mutants_are_killed_hang_or_survive_and_the_tree_stays(
    copy: Copy, repository: Path
) -> None:
    module = "package/part/near.py"
    stages = stages_of(module, repository)
    unchanged = run_unchanged(copy, {module: SOURCE}, stages)

    # It would kill whatever changes the size of the file.
    assert unchanged.failed == (f"{PART}/test_near.py::test_source",)

    def outcome(after: str) -> tuple[Outcome, str]:
        mutant = next(m for m in find_mutants(module, SOURCE) if m.after == after)
        verdict = try_mutant(
            copy,
            mutant,
            SOURCE,
            stages,
            lambda where, stage: where.run(stage, limit_s=3, left_out=unchanged.failed),
        )
        return verdict.outcome, verdict.test

    assert outcome("LIMIT = 4") == ("killed", f"{PART}/test_near.py::test_limit")
    assert outcome("UNSEEN = 8") == ("survived", "")
    assert outcome("x -= 1") == ("timeout", "")
    assert outcome("return (x <= LIMIT)") == ("killed", f"{PART}/test_near.py::test_limit")
    assert (copy.tree / module).read_bytes() == SOURCE
    assert (repository / module).read_bytes() == SOURCE


def test_workers_that_a_mutant_leaves_are_ended(copy: Copy) -> None:
    (copy.tree / PART / "test_near.py").write_text(
        "import subprocess, pathlib\n"
        "def test_leaves_a_worker():\n"
        "    worker = subprocess.Popen(['sleep', '600'])\n"
        "    pathlib.Path('pid').write_text(str(worker.pid))\n"
    )
    ending = copy.run(Stage((f"{PART}/test_near.py",)), limit_s=30)

    pid = int((copy.tree / "pid").read_text())
    assert ending.passed
    assert is_gone(pid, within_s=20)


def is_gone(pid: int, *, within_s: float) -> bool:
    """Whether a process ends in time; one that nobody has waited for is gone too."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_slow_tests_are_left_out_and_lengthen_the_limit() -> None:
    unchanged = Unchanged({"a.py::fast": 1.0, "a.py::slow": 9.0, "b.py::other": 5.0}, ())

    assert unchanged.left_out(5.0) == ("a.py::slow",)
    assert unchanged.left_out(None) == ()
    assert unchanged.limit_s(Stage(("a.py",)), more_s=2.0) == 32.0


def verdicts_of(*outcomes: Outcome) -> list[Verdict]:
    source = b"A = 1\nB = 2\nC = 3\nD = 4\n"
    mutants = find_mutants("m.py", source)
    return [Verdict(mutant, out, "", 0.0) for mutant, out in zip(mutants, outcomes, strict=True)]


def test_a_hanging_mutant_is_killed_and_a_kept_one_does_not_count() -> None:
    assert score(verdicts_of("killed", "timeout", "survived", "kept")) == pytest.approx(200 / 3)
    assert score([]) == 100.0


def test_known_survivors_are_told_by_their_line_and_what_it_becomes() -> None:
    verdicts = verdicts_of("survived", "survived", "killed", "survived")
    kept = [
        Kept("m.py", "A = 1", "as good"),
        Kept("m.py", "B = 2", "as good", becomes="B = 9"),
        Kept("m.py", "C = 3", "as good"),
        Kept("other.py", "D = 4", "as good"),
    ]

    outcomes = [verdict.outcome for verdict in set_kept_apart(verdicts, kept)]
    assert outcomes == ["kept", "survived", "killed", "survived"]


def test_the_report_shows_survivors_with_their_place() -> None:
    text = "\n".join(report_lines(verdicts_of("killed", "survived", "killed", "killed"), []))

    assert "m.py:2: number\n  - B = 2\n  + B = 3" in text
    assert "A = 1" not in text
    assert "75.0 % of 4 mutants killed" in text


def test_a_kept_line_that_is_gone_is_told() -> None:
    entries = [Kept("m.py", "A = 1", "r"), Kept("m.py", "gone()", "r"), Kept("n.py", "x", "r")]

    assert stale(entries, {"m.py": b"if x:\n    A = 1\n"}) == [entries[1]]


def test_a_kept_mutant_needs_a_reason() -> None:
    assert read_kept("") == []
    assert read_kept('[[kept]]\nmodule="m"\nline="l"\nreason="r"') == [Kept("m", "l", "r")]
    for text in ('module="m"\nline="l"', 'module="m"\nline="l"\nreason=" "'):
        with pytest.raises(ValueError, match="reason"):
            read_kept(f"[[kept]]\n{text}")


def test_the_kept_mutants_can_be_read() -> None:
    for entry in read_kept(KEPT.read_text("utf-8")):
        assert entry.module.endswith(".py")
