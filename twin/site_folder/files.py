"""Reading files that someone else made: only regular files inside the folder, of bounded size, in UTF-8."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twin.site_folder.issues import IssueList

MIB: Final = 1 << 20
FILE_LIMIT_BYTES: Final = 64 * MIB
"""60 towers of 18 storeys take 12 MiB in all; a file five times that is no site."""
YAML_LIMIT_BYTES: Final = 16 * MIB
TOTAL_LIMIT_BYTES: Final = 256 * MIB
FILES_LIMIT: Final = 5_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _RefusedError(Exception):
    """A file that will not be read: its code, why, and the cure."""

    def __init__(self, code: str, message: str, cure: str) -> None:
        self.code, self.message, self.cure = code, message, cure
        super().__init__(message)


@dataclass
class FolderReader:
    """The files of one site folder, read within limits; what cannot be read becomes an issue."""

    folder: Path
    issues: IssueList
    bytes_read: int = 0

    def __post_init__(self) -> None:
        self._root = self.folder.resolve()

    def exists(self, name: str) -> bool:
        """Whether something of that name is there, a dangling link included."""
        return os.path.lexists(self.folder / name)

    def names(self, subfolder: str, *suffixes: str) -> list[str]:
        """Names ``subfolder/file`` of the files with these suffixes, in a person's order (2 before 10)."""
        place = self.folder / subfolder
        if not os.path.lexists(place):
            return []
        try:
            if not place.resolve().is_relative_to(self._root):
                message = "It is a link that leads out of the site folder."
                self.issues.add("leaves-folder", subfolder, message, _CURE_LINK)
                return []
            found = sorted(p.name for p in place.iterdir() if p.suffix in suffixes)
        except (OSError, RuntimeError) as error:
            self._refuse_os(subfolder, error)
            return []
        if len(found) > FILES_LIMIT:
            self.issues.add(
                "too-many-files",
                subfolder,
                f"{subfolder} holds {len(found)} files; at most {FILES_LIMIT} are read.",
                "Keep one site in one folder.",
            )
            found = found[:FILES_LIMIT]
        return [f"{subfolder}/{name}" for name in sorted(found, key=natural_key)]

    def text(self, name: str, *, limit_bytes: int = FILE_LIMIT_BYTES) -> str | None:
        """The text of a file without its byte-order mark, or none with an issue noted."""
        try:
            return self._decode(self._bytes(name, limit_bytes))
        except _RefusedError as error:
            self.issues.add(error.code, name, error.message, error.cure)
        except (OSError, RuntimeError, ValueError) as error:
            self._refuse_os(name, error)
        return None

    def _refuse_os(self, name: str, error: Exception) -> None:
        why = getattr(error, "strerror", None) or str(error)
        self.issues.add("unreadable", name, f"It cannot be read: {why}.", "Make it a plain file that you may read.")

    def _bytes(self, name: str, limit_bytes: int) -> bytes:
        path = self.folder / name
        if not path.resolve(strict=True).is_relative_to(self._root):
            raise _RefusedError("leaves-folder", "It is a link that leads out of the site folder.", _CURE_LINK)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise _RefusedError("not-a-file", f"It is {what}.", "Put the file itself there.")
        if status.st_size == 0:
            raise _RefusedError("empty-file", "It is empty.", "Fill it, or remove it if the site has none of these.")
        _within(status.st_size, limit_bytes)
        if self.bytes_read + status.st_size > TOTAL_LIMIT_BYTES:
            raise _RefusedError(
                "folder-too-big",
                f"With it the site's files exceed {TOTAL_LIMIT_BYTES // MIB} MiB together.",
                "Keep one site in one folder, and recordings outside of it.",
            )
        with path.open("rb") as stream:
            data = stream.read(limit_bytes + 1)  # the size on record may lie
        _within(len(data), limit_bytes)
        self.bytes_read += len(data)
        return data

    @staticmethod
    def _decode(data: bytes) -> str:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise _RefusedError(
                "not-utf8",
                f"It is not UTF-8: byte 0x{data[error.start]:02x} in line {line}.",
                "Save it as UTF-8 (in Excel: 'CSV UTF-8').",
            ) from None
        control = _CONTROL.search(text)
        if control:
            line = text.count("\n", 0, control.start()) + 1
            raise _RefusedError(
                "binary-file",
                f"Line {line} holds the control character 0x{ord(control.group()):02x}; this is no text file.",
                "Restore the file from a copy, or remove that character.",
            )
        if not text.strip():
            raise _RefusedError("empty-file", "It is blank.", "Fill it, or remove it if the site has none of these.")
        return text


_CURE_LINK = "Put a copy inside the folder; links that leave it are not followed."


def _within(size: int, limit: int) -> None:
    if size > limit:
        raise _RefusedError(
            "file-too-big",
            f"It has {size / MIB:,.0f} MiB; such a file may have {limit // MIB} MiB.",
            "Split the site, or remove what does not belong into it.",
        )


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """A sort key by which ``tower-2`` comes before ``tower-10``.

    Examples
    --------
    >>> sorted(["tower-10", "tower-2"], key=natural_key)
    ['tower-2', 'tower-10']
    """
    parts = re.split(r"([0-9]{1,18})", text)
    return [(0, int(part), "") if i % 2 else (1, 0, part) for i, part in enumerate(parts)]
