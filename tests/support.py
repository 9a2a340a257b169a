"""Runs the real command, and makes the small corpora that tests index."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import psutil
import pytest

Case = TypeVar("Case")
REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "docsearch_cli"
CORPORA = REPOSITORY / "corpora"
FENWICK = CORPORA / "fenwick" / "docs"
INJECTIONS = REPOSITORY / "tests" / "fixtures" / "injections"
SCRIPT = Path(sys.executable).parent / "docsearch"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on stdout; anything else there is an error."""
        loaded: dict[str, Any] = json.loads(self.stdout)
        return loaded

    @property
    def data(self) -> Any:
        return self.document["data"]


def command_line(*words: str) -> list[str]:
    return [sys.executable, "-m", "docsearch_cli", *words]


def run_command(
    *words: str,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    line: list[str] | None = None,
    timeout_s: float = 120,
) -> Ended:
    """Run the command in a process of its own and wait for its end."""
    done = subprocess.run(
        [*line, *words] if line is not None else command_line(*words),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    return Ended(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def run_inline(*words: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run the command in this process, where what it imports is imported once for many tests."""
    from docsearch_cli.cli.app import main

    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    try:
        with (
            contextlib.chdir(cwd),
            mock.patch.dict(os.environ, environment or {}),
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
        ):
            main(list(words))
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        out, err = (stream.buffer.getvalue().decode() for stream in streams)
        return Ended(ended.code, out, err)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    raise AssertionError("a command ends by its exit code")


def restrained_line() -> list[str] | None:
    """Return the start of a command line that obeys permissions, for root too; None if none can."""
    if os.geteuid():
        return command_line()
    dropped = "-dac_override,-dac_read_search,-fowner"
    drop = ["setpriv", "--bounding-set", dropped, "--inh-caps", dropped]
    try:
        subprocess.run([*drop, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return [*drop, *command_line()]


def usual_or_soak(usual: Case, soak: Case) -> Case:
    """Return which cases are tried, or how many: more with SOAK set, as ``make soak`` sets it."""
    return soak if os.environ.get("SOAK") else usual


in_soak = pytest.mark.skipif(not os.environ.get("SOAK"), reason="takes long: run by make soak")
"""Marks a test that is not run each time."""


def needs(*modules: str, reason: str = "") -> None:
    """Skip a module of tests, or a test, for want of a library, without importing it.

    Every process that collects tests imports all their modules, and some libraries take seconds.
    """
    for name in modules:
        if importlib.util.find_spec(name) is None:
            pytest.skip(reason or f"{name} is not installed", allow_module_level=True)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a corpus: text or bytes by relative path."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, whether or not somebody has asked for its exit code."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    """Tell whether something becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.02)
    return is_so()
