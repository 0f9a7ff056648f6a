"""How topics become channels (``bindings.yaml``) and channels become alarms (``rules.yaml``)."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from twin.model.base import Id, Model, Text

Severity = Literal["critical", "major", "minor", "info"]


class Binding(Model):
    """A pattern of topics and how their payloads become readings.

    Attributes
    ----------
    topic : str
        Levels separated by ``/``; ``{name}`` takes one level, ``{name#}`` at the end takes the rest.
    payload : str
        ``compact``: our own JSON, one reading ``{"t", "v", "s", "q"}`` (time, value, sequence, quality);
        ``batch``: ``{"t", "r": [[device, channel, value, time?, sequence?], ...]}``;
        ``json``: any JSON, the value taken by `value` (a dotted path such as ``data.0.temp``);
        ``plain``: the payload is the number, or one of `values`.
    device, channel : str
        Filled with the named parts of the topic; for ``json`` a part may also be a payload path ``{$.path}``.
        Not used by ``batch``.
    unit : str, optional
        Unit of the value as sent, if it is not the channel's own.
    """

    id: Id
    topic: Annotated[str, Field(min_length=1, max_length=500)]
    payload: Literal["compact", "batch", "json", "plain"] = "compact"
    device: str = "{device}"
    channel: str = "{channel}"
    value: str = "v"
    time: str | None = None
    """Payload path of the time, ISO 8601 or epoch seconds; none means time of arrival for ``json`` and ``plain``."""
    sequence: str | None = None
    unit: str | None = None
    scale: float = 1.0
    offset: float = 0.0
    """value_si = convert(value * scale + offset)."""
    values: dict[str, float] = Field(default_factory=dict)
    """Words to numbers, such as ``open: 1``."""
    command: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """Topic on which writable channels are told a value, ``{"t", "v"}``; holds ``{device}``, ``{channel}`` and
    ``{parent}``, the device it hangs on."""

    @model_validator(mode="after")
    def _command_is_a_topic(self) -> Self:
        named = set(re.findall(r"\{(.*?)\}", self.command or ""))
        if self.command is not None and (not {"device", "channel"} <= named or named - {"device", "channel", "parent"}):
            raise ValueError(
                f"command of binding {self.id}: hold {{device}} and {{channel}}, perhaps {{parent}}, no other"
            )
        if self.command is not None and any(sign in self.command for sign in "+#"):
            raise ValueError(f"command of binding {self.id}: one writes to a topic, not to a pattern: drop + and #")
        return self


class Rule(Model):
    """When an alarm is raised and cleared."""

    id: Id
    name: Text
    kind: Literal["threshold", "stale", "device"]
    device_kinds: tuple[Id, ...] = ()
    devices: tuple[Id, ...] = ()
    channel: str | None = None
    above: float | None = None
    below: float | None = None
    hysteresis: Annotated[float, Field(ge=0)] = 0.0
    delay_s: Annotated[float, Field(ge=0)] = 0.0
    severity: Severity = "minor"
    advice: Text = Text()
    """What to do first; shown on the alarm and copied to its work order."""
    skill: str = ""
    """Skill of the person who mends it."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.kind == "threshold" and (self.channel is None or (self.above is None) == (self.below is None)):
            raise ValueError(f"rule {self.id}: a threshold names its channel and one of above and below")
        if not self.device_kinds and not self.devices:
            raise ValueError(f"rule {self.id}: name device_kinds or devices")
        return self
