"""The folder that holds what happens at run time: history, journal, and who we are to the broker.

Nothing of it is ever written into a site folder. One process works on it at a time.
"""

import sqlite3
import uuid
from pathlib import Path

from live_bindings.errors import LiveBindingsError


class DataFolderError(LiveBindingsError, OSError):
    """A data folder that cannot be used."""


class DataFolder:
    """A data folder, claimed for this process until `release`.

    Raises
    ------
    DataFolderError
        If it cannot be written, or another process works on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # a transaction held open is a lock that every system lets go of when a process is killed
            self._claim = sqlite3.connect(
                self.path / "in-use", timeout=0, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise DataFolderError(f"cannot use the data folder {self.path}: {error}") from error
        try:
            self._claim.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._claim.close()
            if "locked" in str(error):
                cure = "end it or name another folder"
                raise DataFolderError(f"another process works on the data folder {self.path}; {cure}") from error
            raise DataFolderError(f"cannot use the data folder {self.path}: {error}") from error

    @property
    def history(self) -> Path:
        """File of the history."""
        return self.path / "history.db"

    def client_id(self, site_id: str) -> str:
        """Who we are to the broker: the same after every restart, another for every data folder.

        Raises
        ------
        DataFolderError
            If it cannot be read or written.
        """
        file = self.path / "client-id"
        try:
            if not file.exists():
                file.write_text(uuid.uuid4().hex[:12], encoding="ascii")
            return f"plumbline-{site_id}-{file.read_text(encoding='ascii').strip()}"
        except (OSError, UnicodeDecodeError) as error:
            raise DataFolderError(f"cannot use {file}: {error}; delete it to get a new one") from error

    def release(self) -> None:
        """Let other processes work on it."""
        self._claim.close()
