"""A command of ours run beside the server as a process of its own, and surely ended with it."""

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Final

log = logging.getLogger(__name__)

GRACE_S: Final = 5.0
"""Time a child gets to end by itself."""


@contextlib.contextmanager
def running(arguments: Sequence[str], *, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A ``plumbline`` command running until the end of the block; if it ends by itself earlier, the log says so.

    It is in a session of its own, so that Ctrl-C reaches us alone and things stop in order. Its standard input is
    ours: a command that reads it to its end notices when we are gone.
    """
    child = subprocess.Popen(  # noqa: S603 - our own program with arguments as a list
        [sys.executable, "-m", "viewer", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    ending = threading.Event()

    def watch() -> None:
        code = child.wait()
        if not ending.is_set():
            log.error("the %s ended by itself with code %d; the pages show its last values", name, code)

    watcher = threading.Thread(target=watch, name=f"watch-{name}", daemon=True)
    watcher.start()
    try:
        yield child
    finally:
        ending.set()
        stop(child)
        watcher.join(GRACE_S)


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child, by force if it does not heed."""
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        log.warning("child %d did not end in %g s and is killed", child.pid, GRACE_S)
        child.kill()
        child.wait()
