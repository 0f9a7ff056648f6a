"""Routes of pipe networks: which valves cut a pipe off and whom that concerns, and what is up and down the stream."""

import datetime as dt
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse

from live_bindings.leak_window import window_of
from twin.leaks.outlook import Reach
from twin.model.base import ID_PATTERN
from twin.pipes.flows import PipeFlows, flows_now
from twin.pipes.isolation import DEFAULT_HOURS, isolation_plan
from twin.pipes.pressures import hydrant_states
from twin.pipes.result import IsolationPlan, PipeFindings, TraceAnswer
from twin.pipes.tracing import trace_answer
from twin.pipes.watch import LOSS_WINDOW_S, fire_main_loss, loss_rows, watch
from viewer.api.context import Served, ServedSite
from viewer.api.moments import Moment
from viewer.documents.notice import shutdown_notice
from viewer.problems import responses

router = APIRouter(prefix="/sites/{site_id}/networks/{network_id}", tags=["networks"])

_REFERENCE: Final = "#/components/schemas/{name}"
(_PLAN, _TRACE, _REACH, _FINDINGS, _FLOWS), SCHEMAS = msgspec.json.schema_components(
    (IsolationPlan, TraceAnswer, Reach, PipeFindings, PipeFlows), ref_template=_REFERENCE
)
"""Shapes of the answers, for the interface's description."""

NetworkId = Annotated[str, Path(pattern=ID_PATTERN)]
ElementId = Annotated[str, Query(min_length=1, max_length=160)]
Stuck = Annotated[str, Query(max_length=4000, description="Ids of valves that do not close, separated by commas")]
Hours = Annotated[float, Query(gt=0, le=24 * 14, description="How long the shut-down lasts")]
Prefer = Literal["fewest_valves", "fewest_flats"]


def _shape(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    said = {"description": "Successful Response", "content": {"application/json": {"schema": schema}}}
    return {200: said, **responses(404, 422)}


def _within(network_id: str, element: str) -> str:
    """An element's id in its network's file, which may be given with the network's own before it."""
    return element.strip().removeprefix(f"{network_id}/")


def plan_of(served: Served, network_id: str, pipe: str, *, stuck: str, hours: float, prefer: Prefer) -> IsolationPlan:
    """The plan of a shut-down as valves and tanks are now; a question is worked out once for each state of them."""
    network = served.network(network_id)
    latest = served.latest()
    states = network.valve_states(latest)
    # a level to the decimetre is as well as a day can be foretold, and the same question keeps its answer
    levels_m = {tank: round(level_m, 1) for tank, level_m in network.tank_levels_m(latest).items()}
    jammed = tuple(sorted({_within(network_id, v) for v in stuck.split(",") if v.strip()}))
    key = (network_id, _within(network_id, pipe), jammed, hours, prefer, tuple(states.values()),
           tuple(levels_m.items()))  # fmt: skip
    return served.plans.get(
        key,
        lambda: isolation_plan(
            network, key[1], stuck=jammed, states=states, hours=hours, prefer=prefer, levels_m=levels_m
        ),
    )


@router.get("/isolation", responses=_shape(_PLAN))
def read_isolation(
    served: ServedSite, network_id: NetworkId, pipe: ElementId, stuck: Stuck = "",
    hours: Hours = DEFAULT_HOURS, prefer: Prefer = "fewest_valves",
) -> Response:  # fmt: skip
    """The valves that cut a pipe off, in their order, and whom that leaves without water, checked by the hydraulics."""
    return _json(plan_of(served, network_id, pipe, stuck=stuck, hours=hours, prefer=prefer))


@router.get(
    "/isolation/notice",
    response_class=HTMLResponse,
    responses={200: {"description": "The notice, ready to print", "content": {"text/html": {}}}, **responses(404, 422)},
)
def read_notice(
    served: ServedSite, network_id: NetworkId, pipe: ElementId, start: Moment, hours: Hours = DEFAULT_HOURS,
    stuck: Stuck = "", prefer: Prefer = "fewest_valves",
) -> HTMLResponse:  # fmt: skip
    """The notice to the residents whom a shut-down concerns, in both languages, as one page to print."""
    plan = plan_of(served, network_id, pipe, stuck=stuck, hours=hours, prefer=prefer)
    network = served.network(network_id)
    return HTMLResponse(shutdown_notice(network, plan, start=start))


@router.get("/trace", responses=_shape(_TRACE))
def read_trace(
    served: ServedSite, network_id: NetworkId, start: Annotated[ElementId, Query(alias="from")],
    direction: Literal["upstream", "downstream", "connected"] = "downstream",
) -> Response:  # fmt: skip
    """What feeds a pipe or node, what it feeds, or all that hangs together with it; not through closed valves."""
    network = served.network(network_id)
    states = network.valve_states(served.latest())
    return _json(trace_answer(network, _within(network_id, start), direction, states))


@router.get("/flows", responses=_shape(_FLOWS))
def read_flows(served: ServedSite, network_id: NetworkId) -> Response:
    """Which way water runs through each pipe now, and how much: by its meter, else as on the model's usual day."""
    now = dt.datetime.fromtimestamp(served.runtime.now_s(), dt.UTC)
    return _json(flows_now(served.network(network_id), served.latest(), now))


@router.get("/findings", responses=_shape(_FINDINGS))
def read_findings(served: ServedSite, network_id: NetworkId) -> Response:
    """What is amiss with a network, as its devices tell it together: losses, blockages, closed valves, low hydrants."""
    network = served.network(network_id)
    runtime = served.runtime
    found = list(watch(network, served.latest()))
    if network.site_network.kind == "fire_main":
        end_s = runtime.now_s()
        rows = loss_rows(network)
        window = window_of(runtime.history, served.index, rows, end_s - LOSS_WINDOW_S, end_s)
        loss = fire_main_loss(network, window)
        found += [] if loss is None else [loss]
    hydrants = hydrant_states(network, served.latest()) if network.site_network.kind == "fire_main" else ()
    return _json(PipeFindings(items=tuple(found), hydrants=hydrants))


@router.get("/identifiability", responses=_shape(_REACH))
def read_identifiability(
    served: ServedSite, network_id: NetworkId,
    size_m3_per_s: Annotated[float, Query(gt=0, le=1, allow_inf_nan=False)],
    sensors: Annotated[int, Query(ge=0, le=10, description="How many places for further pressure sensors")] = 3,
) -> Response:  # fmt: skip
    """What would be found of a leak of this size in each pipe, and where one more pressure sensor would help most."""
    return _json(served.reach(network_id, size_m3_per_s, sensors))


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
