"""Which documentation systems a document belongs to: those whose markers lie nearest above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from docsearch_cli.corpus.systems import table
from docsearch_cli.corpus.systems.table import System


@dataclass(frozen=True, slots=True)
class DetectedSystems:
    """The systems of a corpus."""

    by_folder: Mapping[str, frozenset[System]]
    """Systems of each folder with a marker in it."""

    def of(self, path: str) -> tuple[System, ...]:
        """Return the systems of a document, in the order of the table.

        Args:
            path: The document.

        Returns:
            Those with a marker in its folder or in the nearest folder above it that has one.
        """
        folder = path
        while folder and self.by_folder:
            folder = folder.rpartition("/")[0]
            found = self.by_folder.get(folder)
            if found is not None:
                return tuple(system for system in table.SYSTEMS if system in found)
        return ()

    def served_path(self, path: str, stem: str) -> str:
        """Return the path at which a document, or the folder it stands for, is served.

        Args:
            path: The document.
            stem: Its path without suffix, or that of a folder above it.

        Returns:
            The path; the same one if nothing is known about how it is served.
        """
        own = self.of(path)
        for system in table.SYSTEMS:
            if system.served_path is not None and (system.is_assumed or system in own):
                stem = system.served_path(stem)
        return stem


def detect_systems(paths: Iterable[str]) -> DetectedSystems:
    """Find the markers in a corpus.

    Args:
        paths: Every file of the corpus, whether it is a document or not, and every folder that was
            left out, with a ``/`` at its end.

    Returns:
        The systems of each folder.
    """
    systems_of_marker: dict[str, list[System]] = {}
    for system in table.SYSTEMS:
        for marker in system.markers:
            systems_of_marker.setdefault(marker, []).append(system)
    by_folder: dict[str, frozenset[System]] = {}
    for path in paths:
        folder, _, name = path.rstrip("/").rpartition("/")
        if name in systems_of_marker:
            found = by_folder.get(folder, frozenset())
            by_folder[folder] = found.union(systems_of_marker[name])
    return DetectedSystems(by_folder)
