"""Opening what the user named: files, directories, and the archives among them, as a stream of members.

Nothing is unpacked to disk and nothing is read ahead: a member must be read before the next one is asked for.
"""

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from collector.formats.errors import NotTelemetry

HEAD_BYTES = 4096
_TAR_HEADER_BYTES = 512
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_ENCRYPTED = 0x1
_MAX_NESTING = 4
_BUFFER_BYTES = 1 << 16

OnBytes = Callable[[int], None]


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One plain file. `name` says where it is (`traces.tar.gz!a/1.json`); `head` are its first bytes, not consumed."""

    name: str
    stream: BinaryIO
    head: bytes
    in_container: bool


def files(source: Path) -> Iterator[tuple[Path, bool]]:
    """The files that `source` stands for, each with whether it was found in a directory instead of named.

    Directories are walked in name order; hidden files, and what is no regular file, are passed over.
    """
    if not source.is_dir():
        yield source, False
        return
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _is_hidden(name) and path.is_file():
                yield path, True


def total_bytes(source: Path) -> int:
    """What reading the files of `source` will take from disk, once."""
    return sum(path.stat().st_size for path, _ in files(source) if path.is_file())


def members(path: Path, in_directory: bool, on_bytes: OnBytes) -> Iterator[Member]:
    """The plain files in the file `path`: itself, or what the archive that it is has stored.

    `on_bytes` is told how many bytes were read from disk. Raises OSError and, for damaged archives, the errors of gzip,
    tarfile and zipfile; NotTelemetry for archives that are nested too deeply.
    """
    with path.open("rb", buffering=0) as file:
        if path.is_file():  # a pipe can be read, but not twice
            if file.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC:
                yield from _zip_members(path, on_bytes)
                return
            file.seek(0)
        counted = io.BufferedReader(_Counted(file, on_bytes), _BUFFER_BYTES)
        yield from _expand(str(path), counted, in_directory, 0)


def _expand(name: str, stream: Readable, in_container: bool, depth: int) -> Iterator[Member]:
    """Looks at the first bytes and goes into archives."""
    head = stream.read(HEAD_BYTES)
    rest = io.BufferedReader(_Rejoined(head, stream), _BUFFER_BYTES)
    if head.startswith(_ZIP_MAGIC):
        raise NotTelemetry("a zip inside of another archive is not read: unpack it first")
    if depth > _MAX_NESTING:
        raise NotTelemetry(f"archives within archives, more than {_MAX_NESTING} deep")
    if head.startswith(_GZIP_MAGIC):
        with gzip.GzipFile(fileobj=rest) as unpacked:
            yield from _expand(name, unpacked, in_container, depth + 1)
    elif _is_tar(head):
        with tarfile.open(fileobj=rest, mode="r|") as archive:
            for entry in archive:
                content = archive.extractfile(entry) if entry.isreg() else None
                if content is not None and not _is_hidden(os.path.basename(entry.name)):
                    yield from _expand(f"{name}!{entry.name}", content, True, depth + 1)
    else:
        yield Member(name, rest, head, in_container)


def _zip_members(path: Path, on_bytes: OnBytes) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir() and not _is_hidden(os.path.basename(entry.filename)):
                if entry.flag_bits & _ZIP_ENCRYPTED:
                    raise zipfile.BadZipFile(f"{entry.filename} is encrypted")
                with archive.open(entry) as content:
                    yield from _expand(f"{path}!{entry.filename}", content, True, 1)
            on_bytes(entry.compress_size)


def _is_tar(head: bytes) -> bool:
    """By the header's checksum, which old archives without a magic number have too."""
    if len(head) < _TAR_HEADER_BYTES:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:_TAR_HEADER_BYTES], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: io.FileIO, on_bytes: OnBytes) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._file.readinto(buffer) or 0
        self._on_bytes(count)
        return count


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was already read, as if it had not been."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._head or self._rest.read(len(buffer))
        taken = chunk[: len(buffer)]
        self._head = chunk[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
