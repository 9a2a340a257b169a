"""The index at the workers: at the same path where they share a disk, else copied once a host.

A thread looks after it beside the engine: a host is used once it has the index. A copy goes piece
by piece over the connection that Dask has to one worker of the host, into files beside each other,
under a lock of that host; it is used when every file has the hash that the manifest says. A host
that cannot take it is refused by name, with the reason.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from docsearch_cli.cluster.connection import Cluster, ClusterWorker
from docsearch_cli.errors import ClusterError
from docsearch_cli.index.reader import IndexReader

_PIECE_BYTES = 4 * 1024 * 1024
# How often new hosts are looked for, and a host is asked again that another command copies to.
_LOOK_S = 0.3
_CALL_S = 120.0


class IndexCopies:
    """Brings an index to the hosts of a cluster's workers.

    Args:
        cluster: The connection.
        index: The index.
        tell: Told of a host that gets a copy.
    """

    def __init__(self, cluster: Cluster, index: IndexReader, tell: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._digest, self._folder = index.digest, index.folder
        self._tell = tell
        self._ready: set[str] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_after, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def is_ready(self, worker: ClusterWorker) -> bool:
        """Tell whether a worker's host has the index."""
        return worker.host in self._ready

    def close(self) -> None:
        """Begin no more copies."""
        self._stopped.set()

    def _look_after(self) -> None:
        while not self._stopped.wait(0 if not self._ready else _LOOK_S):
            try:
                workers = self._cluster.workers()
            except ClusterError:
                return  # whoever waits for results is told
            waiting = {
                worker.host: worker
                for _, worker in sorted(workers.items(), reverse=True)
                if worker.host not in self._ready
            }
            for host, worker in sorted(waiting.items()):
                if self._stopped.is_set():
                    return
                self._bring(host, worker)
            if waiting and self._stopped.wait(_LOOK_S):
                return

    def _bring(self, host: str, worker: ClusterWorker) -> None:
        """Make sure that a host has the index, if nobody else does at this moment."""
        try:
            if self._has_or_gets(worker):
                self._ready.add(host)
        except ClusterError as error:
            self._cluster.refuse(worker.address, error.message)

    def _has_or_gets(self, worker: ClusterWorker) -> bool:
        from docsearch_cli.cluster import at_worker

        call, ours = self._cluster.call, (self._cluster.identity, self._digest)
        state = call(worker, at_worker.begin_copy, *ours, str(self._folder), timeout_s=_CALL_S)
        if state != "begun":
            _check(worker, "" if state in ("there", "busy") else state)
            return bool(state == "there")
        self._tell(f"the index is copied to {worker.host}, which does not have it at this path")
        for path in sorted(Path(self._folder).iterdir()):
            with path.open("rb") as handle:
                while (piece := handle.read(_PIECE_BYTES)) or not handle.tell():
                    said = call(worker, at_worker.add_piece, *ours, path.name, piece)
                    _check(worker, said)
                    if not piece:
                        break  # an empty file is there too
        _check(worker, call(worker, at_worker.finish_copy, *ours, timeout_s=_CALL_S))
        return True


def _check(worker: ClusterWorker, said: object) -> None:
    """Raise if a worker says that a copy cannot be made there."""
    if said != "":
        reason = str(said).removeprefix("refused: ")[:300]
        raise ClusterError(f"the index cannot be copied to {worker.host}: {reason}")
