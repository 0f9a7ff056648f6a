"""`plumbline simulate`: publish what the gateways of a site would; `plumbline incident`: start or end a mishap."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from viewer.cli import fail

if TYPE_CHECKING:
    import queue
    import threading

    from live_bindings.mqtt import Publisher
    from sample_sites.simulator.run import Simulation

TICK_S = 0.5
STATUS_S = 1.0
ANSWER_S = 10.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("simulate")(simulate)
    app.command("incident")(incident)


def simulate(
    site: Path = typer.Argument(..., help="Site folder."),
    broker: str = typer.Option("mqtt://127.0.0.1:1883", "--broker", help="Address of the MQTT broker."),
    speed: float = typer.Option(1.0, "--speed", min=0.01, max=3600.0, help="Site time over wall time."),
    seed: int = typer.Option(1, "--seed", help="Another number, another day."),
    registers: Path | None = typer.Option(
        None, "--registers", help="JSON of what meters showed last, by channel id.", hidden=True
    ),
    begin_with: str = typer.Option("", "--begin-with", metavar="KIND=TARGET", help="An incident to begin with."),
    until_closed: bool = typer.Option(False, "--until-closed", help="End when standard input ends.", hidden=True),
) -> None:
    """Bring a site to life over MQTT until Ctrl-C: water, people, cars, energy, air, and what goes wrong."""
    import json
    import queue
    import signal
    import threading
    import time

    from live_bindings.mqtt import Publisher
    from sample_sites.simulator.models import all_models
    from sample_sites.simulator.run import Simulation
    from twin.index import build
    from twin.site_folder import read

    index = build(read(site))
    commands: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if until_closed:
        threading.Thread(target=_end_with_stdin, args=(ended,), daemon=True).start()
    topics = f"{index.site.id}/simulator/commands", f"{index.site.id}/+/+/+/set"
    with (
        Simulation(
            index,
            all_models,
            start_s=time.time(),
            seed=seed,
            speed=speed,
            registers=None if registers is None else json.loads(registers.read_text(encoding="utf-8")),
        ) as simulation,
        Publisher(
            broker,
            client_id=f"{index.site.id}-simulator",
            subscribe=topics,
            on_message=lambda t, p: commands.put((t, p)),
        ) as publisher,
    ):
        if begin_with:
            kind, _, target = begin_with.partition("=")
            body = {"action": "start", "incident": kind, "target": target or None}
            simulation.command(json.dumps(body).encode())
        typer.echo(f"{index.site.id}: {len(index.devices)} devices live on {publisher.address.url}", err=True)
        _live(simulation, publisher, commands, ended)


def _end_with_stdin(ended: "threading.Event") -> None:
    """End when whoever started us is gone: our standard input is theirs."""
    import sys

    sys.stdin.buffer.read()
    ended.set()


def _live(
    simulation: "Simulation",
    publisher: "Publisher",
    commands: "queue.SimpleQueue[tuple[str, bytes]]",
    ended: "threading.Event",
) -> None:
    """Tick, publish, obey until ended."""
    import time

    next_s, status_s = time.monotonic(), 0.0
    while not ended.is_set():
        obeyed = False
        while not commands.empty():
            told, payload = commands.get()
            if told.endswith("/set"):
                simulation.write(told, payload)
            else:
                simulation.command(payload)
                obeyed = True
        for message in simulation.tick(time.time()):
            publisher.publish(message.topic, message.payload, retain=message.retain)
        if obeyed or time.monotonic() - status_s >= STATUS_S:
            status = simulation.status()
            publisher.publish(status.topic, status.payload, retain=True)
            status_s = time.monotonic()
        # a slow tick is not made up for: the next one covers the time that has passed
        next_s = max(next_s + TICK_S, time.monotonic())
        _wait(commands, ended, next_s)


def _wait(commands: "queue.SimpleQueue[tuple[str, bytes]]", ended: "threading.Event", until_s: float) -> None:
    """Wait for the next tick, but no longer than until a command comes."""
    import time

    while (left_s := until_s - time.monotonic()) > 0 and commands.empty():
        if ended.wait(min(left_s, 0.05)):
            return


def incident(
    site: Path = typer.Argument(..., help="Site folder."),
    kind: str = typer.Argument("", help="What happens, e.g. burst, fire, lift_stuck; none lists them."),
    target: str = typer.Argument("", help="Where: a pipe, flat, storey or device id; none lets the simulator choose."),
    stop: bool = typer.Option(False, "--stop", help="End it instead."),
    broker: str = typer.Option("mqtt://127.0.0.1:1883", "--broker", help="Address of the MQTT broker."),
) -> None:
    """Start or end an incident in the running simulator of a site."""
    import json
    import queue
    import uuid

    from live_bindings.mqtt import Publisher
    from sample_sites.simulator.incidents import catalog
    from twin.index import build
    from twin.site_folder import read

    index = build(read(site))
    if not kind:
        for entry in catalog(index):
            examples = entry["examples"]
            shown = ", ".join(examples[:3]) if isinstance(examples, list) else ""
            typer.echo(f"{entry['kind']!s:14} {entry['targets']!s:18} {shown}")
        return
    answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    command_id = str(uuid.uuid4())
    body = {"id": command_id, "action": "stop" if stop else "start", "incident": kind, "target": target or None}
    topics = (f"{index.site.id}/simulator/status",)
    with Publisher(broker, subscribe=topics, on_message=lambda _, p: answers.put(p)) as publisher:
        publisher.publish(f"{index.site.id}/simulator/commands", json.dumps(body).encode())
        answer = _answer(answers, command_id)
    if answer is None:
        fail(
            f"no simulator of {index.site.id} answered within {ANSWER_S:g} s; start one with plumbline simulate {site}"
        )
    if not answer["done"]:
        fail(f"refused: {answer['reason']}", code=2)
    typer.echo(f"{kind} {'ended' if stop else 'started'}")


def _answer(answers: "queue.SimpleQueue[bytes]", command_id: str) -> dict[str, object] | None:
    """What the simulator says of a command, from its status messages."""
    import json
    import queue
    import time

    deadline_s = time.monotonic() + ANSWER_S
    while (left_s := deadline_s - time.monotonic()) > 0:
        try:
            status = json.loads(answers.get(timeout=left_s))
        except queue.Empty:
            return None
        last = status.get("last_command") or {}
        if last.get("id") == command_id:
            return dict(last)
    return None
