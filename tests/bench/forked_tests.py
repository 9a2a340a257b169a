"""Runs tests in copies of the repository, each time in a new process that starts at once.

Copy.run(stage) --request--> serve(): has loaded pytest and numpy, never the package
                                 | fork
                                 v
                             pytest.main(), in a session of its own with a limit of time
                                 |
Ending <--exit status, report.json, output.txt
"""

from __future__ import annotations

import compileall
import contextlib
import importlib
import json
import os
import py_compile
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Not copied: large, made by tools, or no part of what tests read.
NOT_COPIED = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", ".demo", "dist", "build",
    "results")  # fmt: skip
# Loaded before the first fork. The package itself must not be: a mutant is read on import.
PRELOADED = ("numpy", "networkx", "psutil", "rich.console", "rich.table", "yaml", "markdown_it")
# A mutant may fill a list for ever. Address space, so it is far above what tests really use.
MEMORY_BYTES = 12 << 30
# Whether pytest's exit status says that no test failed: 5 is "no test collected".
PASSED = (0, 5)


@dataclass(frozen=True, slots=True)
class Stage:
    """Tests that are run together."""

    paths: tuple[str, ...]
    ignored: tuple[str, ...] = ()

    def takes(self, test: str) -> bool:
        """Whether a test, by its id, is one of these."""
        file = test.partition("::")[0]
        return any(is_below(file, path) for path in self.paths) and file not in self.ignored


def is_below(file: str, path: str) -> bool:
    return file == path or file.startswith(f"{path}/")


@dataclass(slots=True, eq=False)  # pytest keeps plugins in sets
class _Recorder:
    """A plugin of pytest: what failed, and how long each test took."""

    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def pytest_sessionstart(self) -> None:
        """Let hypothesis look for no smaller example: that there is one is enough."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", settings.default, phases=phases)
        settings.load_profile("mutants")

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)


def serve(folder: Path) -> None:
    """Run tests in a copy, one process for each request on stdin, and answer on stdout.

    Args:
        folder: Holds the copy in ``tree``, and what tests write.
    """
    import pytest

    tree = folder / "tree"
    os.chdir(tree)
    sys.path[:] = [str(tree), *(path for path in sys.path if path not in ("", str(ROOT)))]
    # Workers that tests start read the module __main__ again; there is nothing for them in it.
    sys.modules["__main__"] = ModuleType("__main__")
    empty = folder / "empty"
    empty.mkdir()
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={tree}", str(empty)])
    # Ends what runs, by the way out of _wait.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run_tests(request, folder)
        code = _wait(pid, request["limit_s"])
        print(json.dumps({"code": code}), flush=True)


def _run_tests(request: dict[str, Any], folder: Path) -> None:
    """Be the process that runs the tests; does not return."""
    code = 70
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
        with (folder / "output.txt").open("wb") as output, Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        import pytest

        recorder = _Recorder()
        try:
            code = int(pytest.main(request["arguments"], plugins=[recorder]))
        finally:
            (folder / "report.json").write_text(json.dumps(asdict(recorder)))
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code)


def _wait(pid: int, limit_s: float) -> int | None:
    """Wait for a process and end what it left; None if it had to be ended itself."""
    end = time.monotonic() + limit_s
    code = None
    try:
        while time.monotonic() < end:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                break
            time.sleep(0.01)
    finally:
        _end_session(pid)
    if code is None:
        os.waitpid(pid, 0)
    return code


def _end_session(session: int) -> None:
    """Kill every process of a session; a mutant may leave workers behind."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry.name)) == session:
                    os.kill(int(entry.name), signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run of tests ended."""

    code: int | None
    """Exit status of pytest; None if time was up."""
    failed: tuple[str, ...]
    seconds: Mapping[str, float]
    output: str

    @property
    def passed(self) -> bool:
        return self.code in PASSED


class Copy:
    """A copy of the repository, and a process that runs tests in it."""

    def __init__(self, root: Path = ROOT) -> None:
        self._holder = tempfile.TemporaryDirectory(prefix="mutate-", ignore_cleanup_errors=True)
        self.folder = Path(self._holder.name).resolve()
        self.tree = self.folder / "tree"
        ignored = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(root, self.tree, symlinks=True, ignore=ignored)
        # Python would take a module for unchanged that has the size and the second of the one
        # before; by their hashes it cannot.
        compileall.compile_dir(
            self.tree, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
        )
        self.temporary = self.folder / "t"
        self._server = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).resolve()), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(self.tree),
                "TMPDIR": str(self.temporary),
                "PYTHONHASHSEED": "0",
            },
        )

    def run(
        self,
        stage: Stage,
        *,
        limit_s: float,
        left_out: Sequence[str] = (),
        to_the_end: bool = False,
    ) -> Ending:
        """Run tests.

        Args:
            stage: Which.
            limit_s: When they are ended.
            left_out: Ids of tests that are not run.
            to_the_end: Whether to go on behind a failure.

        Returns:
            How it ended.

        Raises:
            RuntimeError: If the process that runs them is gone.
        """
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        arguments = [
            *("-q", "-p", "no:cacheprovider", "--tb=line", f"--basetemp={self.temporary}/p"),
            *(() if to_the_end else ("-x",)),
            *(f"--ignore={path}" for path in stage.ignored),
            *(f"--deselect={test}" for test in left_out if stage.takes(test)),
            *stage.paths,
        ]
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps({"arguments": arguments, "limit_s": limit_s}) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        if not answer:
            raise RuntimeError("the process that runs the tests is gone")
        told = json.loads(report.read_text()) if report.exists() else {"failed": [], "seconds": {}}
        output = (self.folder / "output.txt").read_text(errors="replace")
        code = json.loads(answer)["code"]
        return Ending(code, tuple(told["failed"]), told["seconds"], output)

    def close(self) -> None:
        """End the process, with the tests that it runs, and remove the copy."""
        self._server.terminate()
        self._server.wait()
        for pipe in (self._server.stdin, self._server.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._holder.cleanup()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
