"""A new file that is there when it is whole, and not before."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from types import TracebackType


class Target:
    """Writes a file that has no name until ``publish()``, and takes nobody else's. Only its owner may read it.

    Where the file system has no files without a name, it has a hidden one until then, which a killed process leaves.

    Attributes:
        size: Bytes written.

    Args:
        path: Where it will be.

    Raises:
        FileExistsError: Something is there.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() or path.is_symlink():
            raise FileExistsError(17, "File exists", str(path))
        self.size = 0
        self._path = path
        self._digest = hashlib.sha256()
        self._name: Path | None = None
        descriptor = _unnamed(path.parent)
        if descriptor is None:
            self._name = path.parent / f".{path.name}.{os.getpid()}.part"
            descriptor = os.open(self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        if self._name is not None:
            with contextlib.suppress(FileNotFoundError):
                self._name.unlink()

    def write(self, data: bytes) -> int:
        """Writes bytes."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """What was written is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def sha256(self) -> str:
        """Of what was written."""
        return self._digest.hexdigest()

    def publish(self) -> None:
        """Gives the file its name.

        Raises:
            FileExistsError: Something is there by now.
        """
        self.flush()
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            # With a directory given, and only then, Python follows what stands for an open file.
            os.link(self._name or f"/proc/self/fd/{self._file.fileno()}", self._path, src_dir_fd=directory)
            os.fsync(directory)
        finally:
            os.close(directory)


def _unnamed(directory: Path) -> int | None:
    """A file without a name, where there is such a thing and a way to name it."""
    if not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except (AttributeError, OSError):
        return None
