"""What the server is told when it starts."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from viewer.generated_past import GeneratedPast

DEFAULT_PORT: Final = 8750
LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
BODY_LIMIT_BYTES: Final = 1_000_000
"""No command of the interface is longer; a larger body is refused before it is read."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server listens, whom it answers, where its pages are.

    Attributes
    ----------
    host : str
        Address it is bound to.
    allowed_hosts : frozenset of str
        Names it answers to besides the loopback names and `host`; any other ``Host`` is refused, so that a foreign
        page cannot reach a server on this machine through a name of its own (DNS rebinding).
    static_folder : Path
        The built pages.
    cache_folder : Path, optional
        Where made documents (the scene) are kept between starts; none means they are made anew.
    feed_rate_hz : float
        Most frames a second to one page.
    generated_past : GeneratedPast, optional
        What of the history was generated for a demonstration; the pages say so.
    """

    host: str = "127.0.0.1"
    allowed_hosts: frozenset[str] = frozenset()
    static_folder: Path = Path(__file__).parent / "static"
    cache_folder: Path | None = None
    body_limit_bytes: int = BODY_LIMIT_BYTES
    feed_rate_hz: float = 8.0
    generated_past: GeneratedPast | None = None


def default_data_folder(site_id: str) -> Path:
    """Folder for history and journal of a site where none is named: the user's own data folder of this system.

    Examples
    --------
    >>> default_data_folder("riverside").parts[-2:]
    ('plumbline', 'riverside')
    """
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "plumbline" / site_id.replace("/", "_")
