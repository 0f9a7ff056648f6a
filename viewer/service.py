"""Runs the application on an address until a signal stops it, and stops what it started in order."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final, Protocol

import uvicorn
from fastapi import FastAPI

from viewer.errors import ViewerError
from viewer.settings import DEFAULT_PORT

GRACE_S: Final = 3
"""Time an open connection gets to end by itself when the server stops."""


class ListenError(ViewerError, OSError):
    """An address the server cannot listen on."""


class Startable(Protocol):
    """Something with a life as long as the server's."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End, keeping what was accepted."""


class Signals:
    """While entered, SIGINT and SIGTERM interrupt Python code; while `held`, the server's own handlers decide.

    Without it SIGTERM would end the process before a child of it could be stopped. A terminal that is closed
    (SIGHUP) is taken for a SIGTERM.
    """

    def __init__(self) -> None:
        self._held = False

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if not self._held:
            raise KeyboardInterrupt(signal.Signals(number).name)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Take the two signals, and give them back at the end."""
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}
        if sys.platform != "win32":
            before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Leave the signals to whoever installs handlers meanwhile."""
        self._held = True
        try:
            yield
        finally:
            self._held = False


def listen(host: str, port: int | None = None) -> socket.socket:
    """A listening socket.

    Parameters
    ----------
    port
        0 takes a free one; none means 8750, or a free one where that is taken.

    Raises
    ------
    ListenError
        If the address is taken or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = (DEFAULT_PORT, 0) if port is None else (port,)
    for number in wanted:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except OSError as error:
            listener.close()
            if number == wanted[-1]:
                raise ListenError(
                    f"cannot listen on {host}:{number}: {error.strerror}; choose another --port"
                ) from None
        else:
            listener.listen(128)
            return listener
    raise AssertionError("unreachable: the last address was bound or refused")


def address(listener: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}/"


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()


def run(
    app: FastAPI, runtime: Startable, listener: socket.socket, *, signals: Signals, on_ready: Callable[[], None]
) -> None:
    """Start the runtime, answer requests until SIGINT or SIGTERM, stop the runtime."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,  # a page says hello and no more
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    server = _Server(config, on_ready)

    async def serving() -> None:
        await runtime.start()
        try:
            with signals.held():
                await server.serve(sockets=[listener])
        finally:
            await runtime.stop()

    asyncio.run(serving())
