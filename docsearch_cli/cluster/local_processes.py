"""A scheduler and workers on this machine, for as long as a command runs: ``--scheduler local``.

Each is a process with a session of its own, so that a Ctrl-C is the command's alone, and with a
lifeline: a pipe that the command holds open. However the command ends, they end with it.

Whoever reaches a scheduler runs code as its user. This one listens on the loopback address, under
certificates made for it where ``cryptography`` is there to make them.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from docsearch_cli.errors import ClusterMissingError

_BOOT = (
    "import os, sys; sys.path[:] = sys.argv[2].split(os.pathsep); "
    "from docsearch_cli.cluster.local_processes import serve; serve(int(sys.argv[1]))"
)
_START_S = 30.0
_CLEARTEXT = (
    "the scheduler on this machine takes work from every account of it while the command runs:"
    " without the package cryptography it has no certificates"
)


class LocalCluster:
    """A scheduler and workers, each a process here.

    Args:
        workers: How many workers, of a thread each.
        tell: Told if the scheduler is open to other users of this machine.

    Raises:
        ClusterMissingError: If they do not start.
    """

    def __init__(self, workers: int, tell: Callable[[str], None]) -> None:
        self.security = _make_security()
        if self.security is None:
            tell(_CLEARTEXT)
        self._folder = tempfile.TemporaryDirectory(prefix="docsearch-dask-")
        watched, lifeline = os.pipe()
        self._watched, self._lifeline = watched, lifeline
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            scheduler = self._start({"kind": "scheduler"})
            self.address = self._read_address(scheduler)
            for _ in range(workers):
                self._start({"kind": "worker", "scheduler": self.address})
        except BaseException:
            self.close()
            raise

    def pids(self) -> list[int]:
        """Return the process ids, that of the scheduler first."""
        return [process.pid for process in self._processes]

    def close(self) -> None:
        """End all of them; safe to call twice."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            os.close(self._watched)
            self._lifeline = -1
        for process in self._processes:
            with suppress(OSError):
                os.killpg(process.pid, 9)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._processes.clear()
        self._folder.cleanup()

    def _start(self, facts: dict[str, Any]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",  # never import from the current folder: it may hold hostile documents
                "-c",
                _BOOT,
                str(self._watched),
                os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if facts["kind"] == "scheduler" else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._watched,),
            start_new_session=True,
            cwd=self._folder.name,
        )
        self._processes.append(process)
        assert process.stdin is not None
        with suppress(OSError), process.stdin as pipe:  # one that has ended is noticed elsewhere
            pipe.write(json.dumps({**facts, "tls": _spell(self.security)}).encode())
        return process

    def _read_address(self, scheduler: subprocess.Popen[bytes]) -> str:
        assert scheduler.stdout is not None
        timer = threading.Timer(_START_S, scheduler.kill)
        timer.start()
        try:
            address = scheduler.stdout.readline().decode("ascii", "replace").strip()
        finally:
            timer.cancel()
        if not address:
            raise ClusterMissingError(
                "a Dask scheduler could not be started on this machine", hint="try: dask scheduler"
            )
        return address


def _make_security() -> Any | None:
    """Return certificates for one cluster; None where nothing can make them."""
    if find_spec("cryptography") is None:
        return None
    from distributed.security import Security

    return Security.temporary()


_TLS = (
    "tls_ca_file",
    *(
        f"tls_{role}_{part}"
        for role in ("client", "scheduler", "worker")
        for part in ("cert", "key")
    ),
)


def _spell(security: Any | None) -> dict[str, str] | None:
    return {name: getattr(security, name) for name in _TLS} if security is not None else None


def serve(watched: int) -> None:
    """Be a scheduler or a worker until the lifeline closes; what to be comes on standard input.

    Args:
        watched: Descriptor of the lifeline.
    """
    threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
    facts = json.load(sys.stdin)
    asyncio.run(_serve(facts, sys.stdout))


def _end_with(watched: int) -> None:
    with suppress(OSError):
        os.read(watched, 1)
    os.killpg(0, 9)


async def _serve(facts: dict[str, Any], out: IO[str]) -> None:
    from distributed import Scheduler, Worker
    from distributed.security import Security

    tls = facts["tls"]
    security = Security(**tls, require_encryption=True) if tls is not None else None
    server: Any
    if facts["kind"] == "scheduler":
        where = "tls://127.0.0.1" if tls is not None else "tcp://127.0.0.1"
        server = Scheduler(host=where, port=0, dashboard=False, security=security)
    else:
        folder = str(Path.cwd())
        server = Worker(
            facts["scheduler"],
            nthreads=1,
            security=security,
            dashboard=False,
            local_directory=folder,
            memory_limit=0,
        )
    async with server:
        if facts["kind"] == "scheduler":
            out.write(f"{server.address}\n")
            out.flush()
        await server.finished()
