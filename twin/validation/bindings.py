"""Bindings and rules: that they can ever match, name what exists, and speak in units that fit."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from geometry.units import UnitError, conversion
from twin.model.devices import Channel, DeviceKind
from twin.model.rules import Binding, Rule
from twin.validation.grounds import KNOWN_UNITS
from twin.validation.report import Report

_PART: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_bindings(report: Report) -> None:
    """Every fault of the bindings."""
    seen: dict[tuple[object, ...], str] = {}
    for binding in report.site.bindings:
        for code, message, cure in _faults(report, binding):
            report.add_for("binding", code, binding.id, message, cure)
        key = (
            _PART.sub(lambda part: "{#}" if part[1].endswith("#") else "{}", binding.topic),
            binding.payload, binding.device, binding.channel, binding.value,
        )  # fmt: skip
        first = seen.setdefault(key, binding.id)
        if first != binding.id:
            message = f"It gives the same readings of the same topics as {first}, so each would come twice."
            report.add_for(
                "binding", "duplicate-binding", binding.id, message, "Remove one, or change its topic.", first
            )


def _faults(report: Report, binding: Binding) -> Iterator[tuple[str, str, str]]:
    yield from _topic_faults(binding.topic)
    if binding.payload == "batch":
        return  # device and channel stand in the payload
    names = {part[1].rstrip("#") for part in _PART.finditer(binding.topic)}
    for field in ("device", "channel"):
        template = getattr(binding, field)
        for part in _PART.finditer(template):
            if part[1].startswith("$."):
                if binding.payload != "json":
                    yield "bad-template", f"{field} reads {part[0]} from the payload.", "Only payload: json has paths."
            elif part[1] not in names:
                cure = f"Use one of {', '.join(sorted(names)) or 'none yet'}, or add {part[0]} to the topic."
                yield "bad-template", f"{field} names {part[0]}, which is no part of the topic.", cure
    yield from _target_faults(report, binding)


def _topic_faults(topic: str) -> Iterator[tuple[str, str, str]]:
    levels = topic.split("/")
    names = [part[1].rstrip("#") for part in _PART.finditer(topic)]
    rest = _PART.sub("", topic)
    if "{" in rest or "}" in rest:
        yield "bad-topic", f"Topic {topic[:120]!r} has a brace without its partner.", "Write {name} for one level."
    if re.search(r"[\x00-\x1f\x7f]", topic):
        yield "bad-topic", f"Topic {topic[:120]!r} has a control character.", "Type it anew."
    if "+" in rest or "#" in rest:
        yield "bad-topic", f"Topic {topic[:120]!r} has an MQTT wildcard.", "Write {name} for + and {name#} for #."
    for name in names:
        if not _NAME.fullmatch(name):
            yield "bad-topic", f"The part {{{name[:60]}}} of the topic has no good name.", "Use letters, digits and _."
        if names.count(name) > 1 and name:
            yield "bad-topic", f"The topic names {{{name[:60]}}} twice.", "Give each part its own name."
            break
    if any("#}" in level for level in levels[:-1]) or re.search(r"[^/]\{[^{}]*#\}|#\}.", topic):
        yield "bad-topic", "{name#} takes the rest of a topic.", "Put it alone at the end."


def _target_faults(report: Report, binding: Binding) -> Iterator[tuple[str, str, str]]:
    devices = report.site.devices
    pattern = _as_pattern(binding.device)
    bound = devices if pattern is None else tuple(device for device in devices if pattern.fullmatch(device.id))
    if not bound:
        if pattern is not None and not report.is_known(binding.device, frozenset(), "devices"):
            if "{" in binding.device:
                cure = "Correct device, or the devices' ids."
                yield "never-matches", f"No device's id looks like {binding.device!r}.", cure
            else:
                message, cure = report.unknown("device", binding.device, (device.id for device in devices))
                yield "unknown-device", message, cure
        return  # a site without devices yet has nothing to compare with
    kinds = list({device.kind: report.kinds[device.kind] for device in bound if device.kind in report.kinds}.values())
    channels = list(_channels(kinds, binding.channel))
    if not channels and kinds:
        known = sorted({channel.id for kind in kinds for channel in kind.channels})
        of = f"device {binding.device}" if "{" not in binding.device else "any device it can match"
        cure = f"Use one of {', '.join(known[:30])}."
        yield "unknown-channel", f"Channel {binding.channel!r} is not one of {of}.", cure
    elif binding.unit is not None:
        yield from _unit_faults(binding.unit, channels, literal="{" not in binding.channel)


def _as_pattern(template: str) -> re.Pattern[str] | None:
    """What a template can become; none if it can become anything."""
    literals = _PART.split(template)[::2]
    return None if literals == ["", ""] else re.compile(".+".join(re.escape(literal) for literal in literals))


def _channels(kinds: Iterable[DeviceKind], template: str) -> Iterator[Channel]:
    pattern = _as_pattern(template)
    for kind in kinds:
        yield from (c for c in kind.channels if pattern is None or pattern.fullmatch(c.id))


def _unit_faults(unit: str, channels: Iterable[Channel], *, literal: bool) -> Iterator[tuple[str, str, str]]:
    if unit not in KNOWN_UNITS:
        yield "unknown-unit", f"Unit {unit[:60]!r} is not known.", f"Use one of {', '.join(sorted(KNOWN_UNITS))}."
        return
    refused: dict[str, str] = {}
    fits = False
    for channel in channels:
        try:
            conversion(unit, channel.unit)
            fits = True
        except UnitError as error:
            refused[channel.id] = str(error)
    if refused and (literal or not fits):
        channel_id, why = next(iter(refused.items()))
        yield "wrong-unit", f"Unit {unit} does not fit channel {channel_id}: {why}.", "Correct unit, or remove it."


def check_rules(report: Report) -> None:
    """Every fault of the rules."""
    kind_of = {device.id: device.kind for device in report.site.devices}
    for rule in report.site.rules:
        for kind_id in rule.device_kinds:
            if not report.is_known(kind_id, report.kinds, "kinds"):
                message, cure = report.unknown("device kind", kind_id, report.kinds)
                report.add_for("rule", "unknown-kind", rule.id, message, cure, kind_id)
        for device_id in rule.devices:
            if not report.is_known(device_id, kind_of, "devices"):
                message, cure = report.unknown("device", device_id, kind_of)
                report.add_for("rule", "unknown-device", rule.id, message, cure, device_id)
        named = (*rule.device_kinds, *(kind_of[d] for d in rule.devices if d in kind_of))
        for kind_id in dict.fromkeys(named):
            if kind_id in report.kinds:
                for code, message, cure in _rule_faults(rule, report.kinds[kind_id]):
                    report.add_for("rule", code, rule.id, message, cure, kind_id)


def _rule_faults(rule: Rule, kind: DeviceKind) -> Iterator[tuple[str, str, str]]:
    channels = {channel.id: channel for channel in kind.channels}
    if rule.channel is not None and rule.channel not in channels:
        cure = f"Use one of {', '.join(channels) or 'none: it has no channels'}."
        yield "unknown-channel", f"Kind {kind.id} has no channel {rule.channel!r}.", cure
        return
    channel = channels.get(rule.channel or "")
    if channel is not None and channel.range is not None and rule.kind == "threshold":
        low, high = channel.range
        never = (rule.above is not None and rule.above >= high) or (rule.below is not None and rule.below <= low)
        if never:
            limit = f"above {rule.above}" if rule.above is not None else f"below {rule.below}"
            message = (
                f"{limit} never happens: channel {channel.id} of {kind.id} ranges from {low} to {high} {channel.unit}."
            )
            yield "never-fires", message, "Give the threshold in the channel's unit, or correct its range."
    relevant = channels.values() if channel is None else [channel]
    if rule.kind == "device" and not any(c.alarm_states for c in relevant):
        yield (
            "never-fires",
            f"Kind {kind.id} reports no alarm itself.",
            "Name alarm_states of a channel, or use a threshold.",
        )
