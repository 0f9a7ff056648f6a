"""Upstream and downstream on the site's networks: water by its flow, drains by their fall, ducts from their room."""

from collections.abc import Mapping

from pipe_network.errors import UnknownElementError
from pipe_network.tracing import Direction, TraceError, Ways, trace, ways_by_flow, ways_by_gravity, ways_from
from twin.errors import PipeQuestionError, UnknownIdError
from twin.pipes.result import TraceAnswer
from twin.pipes.served import ServedNetwork, ValveState


def trace_answer(
    of: ServedNetwork, start: str, direction: Direction, states: Mapping[str, ValveState] | None = None
) -> TraceAnswer:
    """What is upstream or downstream of a node or pipe, or connected with it.

    Valves that are reported closed, or that the model closes and nobody reports, are not passed.

    Raises
    ------
    UnknownIdError
        If the network has neither such a node nor such a link.
    PipeQuestionError
        If the trace starts on a closed valve.
    """
    by, ways = directions(of)
    try:
        found = trace(of.network, start, direction, ways=ways, closed=of.shut(states or {}))
    except UnknownElementError:
        raise UnknownIdError("node or pipe", start, [*of.network.nodes, *of.network.links]) from None
    except TraceError as error:
        raise PipeQuestionError(str(error)) from error
    flats = {s for n in found.nodes for s in of.homes_of.get(n, ())}
    return TraceAnswer(pipes=of.fullest(found.links), nodes=of.fullest(found.nodes),
                       length_m=round(found.length_m, 2), ends=of.fullest(found.ends), flats=len(flats),
                       by=by)  # fmt: skip


def directions(of: ServedNetwork) -> tuple[str, Ways]:
    """Which way each link leads, and what told it: ``flow``, ``fall`` or ``source``."""
    kind = of.site_network.kind
    outfalls = [n for n, t in of.site_network.nodes.items() if t.asset == "outfall" and n in of.network.nodes]
    if kind == "drainage":
        return "fall", ways_by_gravity(of.network, outlets=outfalls or [r.id for r in of.network.reservoirs])
    roots = [n for n, t in of.site_network.nodes.items() if t.asset == "inlet" and n in of.network.nodes]
    if kind == "telecom_duct" or of.usual is None:
        return "source", ways_from(of.network, roots or [r.id for r in of.network.reservoirs])
    return "flow", ways_by_flow(of.network, of.usual.link_ids, of.usual.flows_m3_per_s)
