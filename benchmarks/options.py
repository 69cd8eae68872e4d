"""What the command line chose, and the folders that it allows."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    quick: bool = False
    data: Path | None = None
    """Where stores go; a temporary folder on disk by default."""
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
    def run_count(self) -> int:
        return self.runs or int(self.pick(3, 1))


@contextmanager
def fresh_folder(options: Options) -> Iterator[Path]:
    """An empty folder that is gone afterwards. Raises OSError for one in memory: fsync would cost nothing there."""
    if options.data is not None:
        options.data.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="spanscape-bench-", dir=options.data))
    try:
        if _file_system(folder) == "tmpfs":
            raise OSError(f"{folder} is in memory; give a folder on a disk with --data")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _file_system(folder: Path) -> str:
    """Type of the file system that `folder` is on, as /proc/mounts names it."""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, file_system, *_ = line.split(" ")
        if folder.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, file_system
    return kind
