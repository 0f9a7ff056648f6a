"""Whether this machine can draw without a screen, tried where a crash costs nothing."""

import signal
import subprocess
import sys
from functools import cache
from typing import Final

from viewer.errors import MissingPartError

_TRY: Final = """
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=[32, 32])
plotter.add_mesh(pyvista.Plane())
assert plotter.screenshot(None, return_img=True).any()
"""
_PATIENCE_S: Final = 60.0
_SAID: Final = 300
_CURE: Final = (
    "VTK needs a screen or a library that draws without one. Install it (Debian, Ubuntu: apt install libegl1 "
    "libgl1-mesa-dri; Fedora: dnf install mesa-libEGL mesa-dri-drivers), or leave --pictures out: the report and the "
    "workbook need none"
)


@cache
def must_draw() -> None:
    """Do nothing where VTK can draw.

    Without a library to draw with VTK does not raise, it ends the process by a segmentation fault; so it is tried in
    another one, which takes about a second.

    Raises
    ------
    MissingPartError
        If pyvista is not installed or VTK cannot draw here.
    """
    try:
        tried = subprocess.run(  # noqa: S603 - ourselves, with a text of our own
            [sys.executable, "-c", _TRY], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MissingPartError(f"pictures cannot be drawn here: VTK took over {_PATIENCE_S:g} s. {_CURE}") from error
    if tried.returncode == 0:
        return
    if "No module named 'pyvista'" in tried.stderr:
        raise MissingPartError("pictures need the render extra: pip install 'plumbline-twin[render]'")
    raise MissingPartError(f"pictures cannot be drawn here: VTK {_end(tried)}. {_CURE}")


def _end(tried: "subprocess.CompletedProcess[str]") -> str:
    """How it ended, and what it said of what it lacks."""
    code = tried.returncode
    ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    lines = [line.split("|", 1)[-1].strip() for line in tried.stderr.splitlines()]
    telling = [line for line in lines if "EGL" in line or "OSMesa" in line or "Error" in line]
    said = (telling or [line for line in lines if line] or [""])[0].removesuffix("\x1b[0m")[:_SAID]
    return f"{ended} and said: {said.rstrip('.')}" if said else ended
