"""Brings an estate to life: broker, simulator if one is wanted, runtime and server; ended in reverse."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

import sample_sites
from live_bindings.broker import start_broker
from live_bindings.data_folder import DataFolder
from live_bindings.runtime import Runtime
from twin.index import SiteIndex
from twin.site_folder import read
from viewer import service
from viewer.app import create_app
from viewer.child import running
from viewer.errors import MissingPartError
from viewer.generated_past import last_registers, read_mark
from viewer.settings import Settings, default_data_folder

log = logging.getLogger(__name__)

SAMPLE: Final = "riverside"


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateOptions:
    """How an estate is run.

    Attributes
    ----------
    data : Path, optional
        Folder for history and journal; none means the user's data folder.
    broker_url : str, optional
        The site's broker; none starts one on this machine.
    simulator_speed : float, optional
        Runs the simulator at this speed; none runs none.
    history_days : float
        Days of generated readings to begin with, where the data folder has none; 0 generates none.
    """

    data: Path | None = None
    broker_url: str | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    allowed_hosts: frozenset[str] = frozenset()
    simulator_speed: float | None = None
    history_days: float = 0.0
    open_browser: bool = False


def sample_site() -> Path:
    """Folder of the sample estate.

    Raises
    ------
    MissingPartError
        If it is not there.
    """
    folder = Path(sample_sites.__file__).parent / SAMPLE
    if not (folder / "site.yaml").is_file():
        raise MissingPartError(
            f"the sample estate is not at {folder}; make one with: plumbline generate my-estate, "
            "then: plumbline demo my-estate"
        )
    return folder


def generated_site(options: EstateOptions, *, towers: int, storeys: int) -> Path:
    """Folder of an estate of so many towers, generated into the data folder when it is not there yet."""
    site_id = f"generated-{towers}x{storeys}"
    folder = (options.data or default_data_folder(site_id)) / "sites" / site_id
    if not (folder / "site.yaml").is_file():
        typer.echo(f"Generating {towers} towers of {storeys} storeys ...", err=True)
        # in a process of its own, so that its memory does not stay with the server
        subprocess.run(  # noqa: S603 - our own program with arguments as a list
            [
                sys.executable,
                "-m",
                "viewer",
                "generate",
                str(folder),
                "--towers",
                str(towers),
                "--storeys",
                str(storeys),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return folder


def run_estate(folder: Path, options: EstateOptions) -> None:
    """Serve the site of a folder until Ctrl-C or SIGTERM.

    Raises
    ------
    TwinError, LiveBindingsError, ViewerError
        If the site cannot be read, the data folder or the address is taken, or no broker can be reached.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("amqtt", "transitions", "uvicorn", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    signals = service.Signals()
    with contextlib.ExitStack() as stack:
        stack.enter_context(signals.entered())
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))  # the ordinary way to end
        site = read(folder)
        data = options.data or default_data_folder(site.id)
        listener = stack.enter_context(service.listen(options.host, options.port))
        if options.history_days > 0:
            _generate_past(folder, data, options.history_days)
        past = read_mark(data)
        broker_url = options.broker_url or _own_broker(stack, data)
        runtime = Runtime(site, data, broker_url)
        settings = Settings(
            host=options.host, allowed_hosts=options.allowed_hosts, cache_folder=data / "cache", generated_past=past
        )
        app = create_app(runtime, settings)
        if options.simulator_speed is not None:
            arguments = ["simulate", str(folder), "--broker", broker_url, "--speed", f"{options.simulator_speed:g}"]
            arguments += ["--until-closed", "--registers", str(_registers(runtime.index, data))]
            if past is not None and past.leaking is not None:
                arguments += ["--begin-with", f"riser_leak={past.leaking}"]
            stack.enter_context(running(arguments, name="simulator"))

        def ready() -> None:
            _announce(site.name.en or site.name.zh, service.address(listener), broker_url, options)
            for served in app.state.sites.values():
                threading.Thread(target=served.prepare, name="prepare-pages", daemon=True).start()

        service.run(app, runtime, listener, signals=signals, on_ready=ready)


def _generate_past(folder: Path, data: Path, days: float) -> None:
    """Generated days in the history, unless it has readings already."""
    if (data / "history.db").is_file():
        typer.echo(f"{data} has a history already; no past is generated", err=True)
        return
    typer.echo(f"Generating {days:g} days of water readings with EPANET ...", err=True)
    # in a process of its own, so that its memory does not stay with the server
    subprocess.run(  # noqa: S603 - our own program with arguments as a list
        [sys.executable, "-m", "viewer", "past", str(folder), "--data", str(data), "--days", f"{days:g}"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _registers(index: SiteIndex, data: Path) -> Path:
    """A file of what meters showed last: a meter does not begin anew because a demonstration does."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / "registers.json"
    file.write_text(json.dumps(last_registers(index, data)), encoding="utf-8")
    return file


def _own_broker(stack: contextlib.ExitStack, data: Path) -> str:
    """Address of a broker that ends with the stack."""
    # claimed by itself: the broker starts before the runtime claims the data, and two would write one file
    stack.callback(DataFolder(data / "broker").release)
    return stack.enter_context(start_broker(data)).url


def _announce(name: str, url: str, broker_url: str, options: EstateOptions) -> None:
    typer.echo(f"{name} is live at {url}")
    typer.echo(f"  map {url}map   crew {url}crew   broker {broker_url}   (Ctrl-C ends it)", err=True)
    if options.open_browser and _has_screen():
        webbrowser.open(url)


def _has_screen() -> bool:
    """Whether a browser could show itself; on a server `webbrowser` would start one in the terminal."""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
