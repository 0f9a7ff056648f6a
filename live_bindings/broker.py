"""A broker to try things out with: mosquitto where it is installed, else amqtt in this process.

For real use run a broker of your own and give its address. The one started here listens on this machine only, asks
nobody for a password, and queues without limit for a consumer that is away (a stock mosquitto drops what is beyond
1,000 messages). amqtt is slower (about 1,000 messages a second), speaks MQTT 3.1.1 only, forgets on exit what was
not delivered, and does not deliver again what was sent but not acknowledged when its consumer ended or stalled for
5 seconds; it says so when it starts. ``PLUMBLINE_BROKER=amqtt`` or ``mosquitto`` chooses.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from live_bindings.errors import BrokerError

logger = logging.getLogger(__name__)

_HOST: Final = "127.0.0.1"
_START_S: Final = 10.0
_ATTEMPTS: Final = 3
"""A free port may be taken by another program before the broker has it."""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """A broker that was started here.

    Attributes
    ----------
    kind : str, ``mosquitto`` or ``amqtt``
    host, port : where it listens
    url : str, its address as `live_bindings.mqtt.parse_address` takes it
    pid : int, the process it runs in
    """

    kind: str
    host: str
    port: int
    url: str
    pid: int


@contextlib.contextmanager
def start_broker(data_folder: Path, port: int = 0) -> Generator[RunningBroker, None, None]:
    """A broker that runs as long as the context; its files are in `data_folder`.

    Parameters
    ----------
    port : 0 takes a free one

    Raises
    ------
    BrokerError
        If it does not start.
    """
    wanted = os.environ.get("PLUMBLINE_BROKER", "")
    if wanted not in {"", "mosquitto", "amqtt"}:
        raise BrokerError(f"PLUMBLINE_BROKER is {wanted!r}; it is mosquitto, amqtt or not set")
    program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/usr/local/sbin")
    if wanted == "mosquitto" and program is None:
        raise BrokerError(
            "PLUMBLINE_BROKER asks for mosquitto, which is not installed; install it or unset the variable"
        )
    if program is not None and wanted != "amqtt":
        with _mosquitto(program, data_folder, port) as running:
            yield running
    else:
        with _amqtt(port) as running:
            yield running


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _listens(process: psutil.Process, port: int) -> bool:
    """Whether it is this process that listens there, and not another that has taken the port."""
    try:
        return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("tcp"))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def mosquitto_config(folder: Path, port: int) -> str:
    """What mosquitto is told: this machine only, queues without limit, on disk within 5 seconds."""
    lines = [
        f"listener {port} {_HOST}",
        "allow_anonymous true",
        "max_queued_messages 0",
        "max_inflight_messages 1000",
        "persistence true",
        f"persistence_location {folder}{os.sep}",
        "autosave_interval 5",  # the default of half an hour loses all of it at a kill
        "persistent_client_expiration 7d",
        f"log_dest file {folder / 'mosquitto.log'}",
        "log_type error",
        "log_type warning",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lines.append("user root")  # else it becomes `mosquitto`, who may not write here
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def _mosquitto(program: str, data_folder: Path, port: int) -> Generator[RunningBroker, None, None]:
    folder = (data_folder / "broker").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    _end_left_over(folder)
    process, chosen = _start_mosquitto(program, folder, port)
    (folder / "pid").write_text(str(process.pid), encoding="ascii")
    logger.info("mosquitto listens on %s:%d", _HOST, chosen)
    try:
        yield RunningBroker("mosquitto", _HOST, chosen, f"mqtt://{_HOST}:{chosen}", process.pid)
    finally:
        _end(process)
        (folder / "pid").unlink(missing_ok=True)


def _start_mosquitto(program: str, folder: Path, port: int) -> tuple[subprocess.Popen[bytes], int]:
    config = folder / "mosquitto.conf"
    for _ in range(_ATTEMPTS):
        chosen = port or _free_port()
        config.write_text(mosquitto_config(folder, chosen), encoding="utf-8")
        process = subprocess.Popen(  # noqa: S603 - the program that `which` found, with our own file
            [program, "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the server alone: the broker ends last
        )
        until = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < until:
            if _listens(psutil.Process(process.pid), chosen):
                return process, chosen
            time.sleep(0.02)
        _end(process)
    raise BrokerError(f"mosquitto does not start on port {chosen}; is the port taken? See {folder / 'mosquitto.log'}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_left_over(folder: Path) -> None:
    """End a mosquitto of this folder whose starter was killed: two would write one file."""
    try:
        left = psutil.Process(int((folder / "pid").read_text(encoding="ascii")))
        if str(folder / "mosquitto.conf") in left.cmdline():
            logger.info("ending a broker that was left over, process %d", left.pid)
            left.terminate()
            left.wait(timeout=5)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return
    except (psutil.AccessDenied, psutil.TimeoutExpired) as error:
        raise BrokerError(f"a broker of an earlier start still uses {folder} and cannot be ended: {error}") from error


@contextlib.contextmanager
def _amqtt(port: int) -> Generator[RunningBroker, None, None]:
    from amqtt.broker import Broker  # noqa: PLC0415 - costs 0.3 s where mosquitto is installed
    from amqtt.errors import AMQTTError  # noqa: PLC0415

    chosen = port or _free_port()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"{_HOST}:{chosen}"}},
        "plugins": {"live_bindings.amqtt_access.LocalAccess": {}},
    }
    for chatty in ("amqtt", "transitions"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_say_quietly)
    thread = threading.Thread(target=loop.run_forever, name="amqtt", daemon=True)
    thread.start()

    async def start() -> Broker:
        broker = Broker(config)
        await broker.start()
        return broker

    broker: Broker | None = None
    try:
        try:
            broker = asyncio.run_coroutine_threadsafe(start(), loop).result(_START_S)
        except (AMQTTError, OSError, TimeoutError) as error:
            raise BrokerError(f"the in-process broker does not start on port {chosen}: {error}") from error
        logger.warning(
            "in-process broker on %s:%d, for trying out: about 1,000 messages a second, MQTT 3.1.1; on exit it "
            "forgets what is not delivered and what was under way; install mosquitto for more",
            _HOST,
            chosen,
        )
        yield RunningBroker("amqtt", _HOST, chosen, f"mqtt://{_HOST}:{chosen}?protocol=3.1.1", os.getpid())
    finally:
        if broker is not None:
            asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result(_START_S)
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(_START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START_S)
        loop.close()


def _say_quietly(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """The broker trips over clients that hang up early; that is theirs to know, not an error of ours."""
    logger.debug("in-process broker: %s", context.get("exception") or context.get("message"))


async def _cancel_all() -> None:
    """Cancel what the broker left running, so that the loop closes clean."""
    tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
