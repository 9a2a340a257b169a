"""A real scheduler and real workers on this machine, to be killed and cut off by tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from docsearch_cli.cluster.connection import Cluster
from docsearch_cli.cluster.engine import DaskEngine
from tests.support import REPOSITORY, wait_until


class RealCluster:
    """``dask scheduler`` and ``dask worker`` as a user would start them, each in a session.

    Args:
        folder: For logs and the workers' files.
        host: Address that the scheduler listens at.
        tls: The options of both commands for TLS; none for a cluster without.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", tls: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self._host, self._port = host, free_port(host)
        self._tls = tls
        self.address = f"{'tls' if tls else 'tcp'}://{host}:{self._port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--host", self.address)
        if not wait_until(self._listens, 20):
            raise RuntimeError((folder / "scheduler.log").read_text())

    def add_worker(
        self,
        *words: str,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start a worker; ``before`` is a command that starts commands, as ``ip netns exec``."""
        worker = self._start(
            "worker",
            self.address,
            "--nthreads",
            str(threads),
            "--local-directory",
            str(self.folder / "dask"),
            *words,
            environment=environment,
            before=before,
        )
        self.workers.append(worker)
        return worker

    def connect(self, notes: list[str] | None = None, *, is_direct: bool = True) -> Cluster:
        told = notes if notes is not None else []
        return Cluster(self.address, told.append, is_direct=is_direct)

    def engine(
        self, registry: str, notes: list[str] | None = None, *, is_direct: bool = True
    ) -> DaskEngine:
        """Return an engine; by default one for steps, whose calls go past the scheduler."""
        return DaskEngine(self.connect(notes, is_direct=is_direct), registry)

    def kill_scheduler(self) -> None:
        kill_session(self.scheduler)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            kill_session(process)

    def _listens(self) -> bool:
        with socket.socket() as end:
            end.settimeout(1)
            return end.connect_ex((self._host, self._port)) == 0

    def _start(
        self,
        kind: str,
        *words: str,
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
    ) -> subprocess.Popen[bytes]:
        number = len(self.workers)
        log = (
            self.folder / (f"worker-{number}.log" if kind == "worker" else "scheduler.log")
        ).open("wb")
        with log:
            return subprocess.Popen(
                [
                    *before,
                    *(sys.executable, "-m", f"distributed.cli.dask_{kind}"),
                    *words,
                    *self._tls,
                    "--no-dashboard",
                ],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def kill_session(process: subprocess.Popen[Any]) -> None:
    """Kill a process with all of its session; a nanny and its worker are in one."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port(host: str) -> int:
    with socket.socket() as end:
        end.bind((host, 0))
        port: int = end.getsockname()[1]
        return port


@contextmanager
def real_cluster(folder: Path, workers: int = 1, threads: int = 1) -> Iterator[RealCluster]:
    """A cluster with workers without nannies, closed at the end."""
    with closing(RealCluster(folder)) as cluster:
        for _ in range(workers):
            cluster.add_worker("--no-nanny", threads=threads)
        yield cluster


def poll_until(engine: Any, count: int, seconds: float = 30) -> list[Any]:
    """Poll an engine until so many outcomes have come."""
    until, outcomes = time.monotonic() + seconds, []
    while len(outcomes) < count and time.monotonic() < until:
        outcomes += engine.poll(0.1)
    return outcomes
