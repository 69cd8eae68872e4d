"""What the command line chose, and the folders that it allows."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
"""Where `python -m benchmarks.…` works."""


@dataclass(frozen=True)
class Options:
    folder: Path
    """Where stores go."""
    quick: bool = False
    runs: int | None = None
    duration_s: float | None = None
    connections: int | None = None
    cases: tuple[str, ...] = ()
    """Only what has one of these texts in its name."""
    spans: int | None = None
    """How many spans to preload."""

    def chosen(self, name: str) -> bool:
        return not self.cases or any(case in name for case in self.cases)

    def pick(self, full: float, quick: float) -> float:
        return quick if self.quick else full

    @property
    def warm_up_s(self) -> float:
        return self.pick(5.0, 1.0)

    @property
    def run_count(self) -> int:
        return self.runs or int(self.pick(3, 1))

    @contextmanager
    def fresh_folder(self) -> Iterator[Path]:
        """An empty folder that is gone afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def workspace(options: Options, keep_in: Path | None) -> Iterator[Options]:
    """The options with a folder on a disk: `keep_in`, or a temporary one that is gone afterwards.

    Raises OSError when it is in memory: there, waiting for the disk would cost nothing.
    """
    if keep_in is not None:
        keep_in.mkdir(parents=True, exist_ok=True)
        if _in_memory(keep_in):
            raise OSError(f"{keep_in} is in memory; give a folder on a disk with --data")
        yield replace(options, folder=keep_in)
        return
    homes = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd())
    home = next((home for home in homes if home.is_dir() and not _in_memory(home)), None)
    if home is None:
        raise OSError("temporary folders are in memory; give a folder on a disk with --data")
    folder = Path(tempfile.mkdtemp(prefix="spanscape-bench-", dir=home))
    try:
        yield replace(options, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory(folder: Path) -> bool:
    """By the type of its file system in /proc/mounts; the last mount that covers it counts."""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, file_system, *_ = line.split(" ")
        if folder.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, file_system
    return kind in ("tmpfs", "ramfs")
