"""The folder of what changes at run time: one process at a time owns it."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from viewer.errors import ViewerError


class DataFolderError(ViewerError, OSError):
    """A data folder that cannot be used."""


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """The folder, made if absent, owned by this process until the end; a killed owner's claim ends with it.

    Raises
    ------
    DataFolderError
        If another process owns it or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+b")
    except OSError as error:
        raise DataFolderError(
            f"cannot write the data folder {folder}: {error.strerror}; name another one with --data"
        ) from error
    with lock:
        try:
            _lock(lock)
        except OSError as error:
            raise DataFolderError(
                f"another Plumbline uses the data folder {folder}; stop it, or name another one with --data"
            ) from error
        yield folder


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
