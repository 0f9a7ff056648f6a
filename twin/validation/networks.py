"""Pipe networks: their EPANET files, and what ties them to the estate."""

import numpy as np

from pipe_network.errors import InpFault
from pipe_network.inp import read
from pipe_network.model import Network
from pipe_network.validation import beyond_the_engine, cut_off, faults_of_running, unknown_sections
from twin.model.base import Model
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.site_folder.writing import file_stem
from twin.validation.buildings import is_far
from twin.validation.report import Report


def check_networks(report: Report) -> None:
    """Every fault of every network."""
    devices = frozenset(device.id for device in report.site.devices)
    households = frozenset(household.id for household in report.site.households)
    for network in report.site.networks:
        stem = f"networks/{file_stem(network.id)}"
        plan, faults = read(network.inp)
        for fault in (*unknown_sections(plan), *beyond_the_engine(plan), *cut_off(plan), *faults):
            _tell(report, f"{stem}.inp", "epanet", fault)
        points = np.array(list(plan.coordinates.values()), dtype=np.float64).reshape(-1, 2)
        if len(points) and np.isfinite(points).all():
            is_far(report, f"{stem}.inp", network.id, points)
        _check_ties(report, f"{stem}.yaml", network, plan)
        for name, ties in (("nodes", network.nodes), ("links", network.links)):
            for key, tie in ties.items():
                _check_tie(report, f"{stem}.yaml", f"{name}/{key}", tie, devices, households)


def run_networks(report: Report) -> None:
    """What EPANET itself says of every network over its duration; takes seconds for a large one."""
    for network in report.site.networks:
        if not read(network.inp)[1]:
            for fault in faults_of_running(network.inp):
                _tell(report, f"networks/{file_stem(network.id)}.inp", "epanet-run", fault)


def _tell(report: Report, file: str, code: str, fault: InpFault) -> None:
    place = f"line {fault.line}" if fault.line else ""
    message, cure = f"{fault.message}.", f"{fault.cure[:1].upper()}{fault.cure[1:]}."
    report.issues.add(code, file, message, cure, place=place, object_ids=[fault.object_id])


def _check_ties(report: Report, file: str, network: SiteNetwork, plan: Network) -> None:
    for what, ties, known in (("node", network.nodes, plan.nodes), ("link", network.links, plan.links)):
        for key in ties:
            if key not in known:
                message, cure = report.unknown(f"{what} of the EPANET file", key, known)
                report.add(f"unknown-{what}", file, key, message, cure, line_key=f"{what}s/{key}")


def _check_tie(
    report: Report, file: str, key: str, tie: Model, devices: frozenset[str], households: frozenset[str]
) -> None:
    name = key.split("/", 1)[1]
    if isinstance(tie, NodeTie | LinkTie) and tie.device is not None:
        _check_reference(
            report, file, key, ("device", tie.device, report.is_known(tie.device, devices, "devices")), devices
        )
    if isinstance(tie, NodeTie) and tie.household is not None:
        there = report.is_known(tie.household, households, "households")
        _check_reference(report, file, key, ("household", tie.household, there), households)
    if isinstance(tie, NodeTie) and tie.space is not None and not report.is_space(tie.space):
        message, cure = report.unknown("space", tie.space, report.index.spaces)
        report.add("unknown-space", file, name, message, cure, others=[tie.space], line_key=key)


def _check_reference(
    report: Report, file: str, key: str, reference: tuple[str, str, bool], known: frozenset[str]
) -> None:
    what, wanted, there = reference
    if not there:
        message, cure = report.unknown(what, wanted, known)
        report.add(f"unknown-{what}", file, key.split("/", 1)[1], message, cure, others=[wanted], line_key=key)
