"""The EPANET engine of this machine: the shared library that the wntr wheel brings for Linux, macOS and Windows."""

import ctypes
import platform
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipe_network.errors import EngineMissingError


def library_path() -> Path:
    """Where the EPANET engine of this machine's kind is.

    Raises
    ------
    EngineMissingError
        If wntr is not installed, or brings no engine for this kind of machine.
    """
    spec = find_spec("wntr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissingError("the EPANET engine is not installed; it comes with wntr: pip install wntr")
    folder = Path(next(iter(spec.submodule_search_locations))) / "epanet" / "libepanet"
    if sys.platform == "win32":
        path = folder / "windows-x64" / "epanet22.dll"
    elif sys.platform == "darwin":
        arm = platform.machine().lower().startswith("arm")
        path = folder / ("darwin-arm/libepanet2.dylib" if arm else "darwin-x64/libepanet22.dylib")
    else:
        path = folder / "linux-x64" / "libepanet22.so"
    if not path.is_file():
        raise EngineMissingError(f"wntr brings no EPANET engine {path.name} for {sys.platform} {platform.machine()}; "
                                 "use another release of wntr, or a machine it is built for")  # fmt: skip
    return path


@cache
def engine() -> ctypes.CDLL:
    """The library, loaded once; `EngineMissingError` where it is not."""
    try:
        return ctypes.CDLL(str(library_path()))
    except OSError as error:
        raise EngineMissingError(f"the EPANET engine does not load on {platform.machine()}: {error}") from error
