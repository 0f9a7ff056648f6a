"""By which rules alarms change ways out: values with their sources, and which kinds of devices tell of what."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

import yaml

from twin.errors import EvacuationError
from twin.model.base import Model
from twin.model.devices import DeviceKind

SignalKind = Literal[
    "smoke", "heat", "call", "electrical", "gas", "water", "fire_lane", "lift", "shutter", "barrier", "reader"
]
OutputKind = Literal["release", "announce", "show", "direct", "recall", "extract"]
_MATCHED: Final = ("reaches", "brick", "ifc", "system", "tells_of")


class HazardValue(Model):
    """A value and where it is from: stated there as read, recalled and not verified, or chosen by us."""

    value: float
    unit: str
    source: str
    clause: str = ""
    certainty: Literal["stated", "recalled", "chosen"]


class KindRule(Model):
    """Which kinds of devices are meant: those with all attributes that are given."""

    reaches: str | None = None
    brick: str | None = None
    ifc: str | None = None
    system: str | None = None
    tells_of: str | None = None

    def fits(self, kind: DeviceKind) -> bool:
        """Whether a kind is meant."""
        asked = {name: getattr(self, name) for name in _MATCHED if getattr(self, name) is not None}
        return bool(asked) and all(getattr(kind, name) == value for name, value in asked.items())


class OutputRule(KindRule):
    """What devices of some kinds should do in a fire.

    Attributes
    ----------
    channel : by which they are told so
    value : that it gets; none where it hangs on the device
    shows : of signs with arrows, the value of each arrow; without it a sign is told the bearing to the next door [deg]
    clause : of the property standard
    """

    output: OutputKind
    channel: str | None = None
    value: float | None = None
    shows: Mapping[Literal["left", "right", "ahead", "no_entry"], float] | None = None
    clause: str


class SignalRule(KindRule):
    """Which kinds of devices give a signal, and how it is read.

    Attributes
    ----------
    measure : unit of the channel that tells how bad it is
    is_fire : whether it counts towards confirming a fire
    closing : values of the state by which an opening is shut
    in_use : values of the state in which a lift runs; in all others it does not
    release : channel that tells whether a lock is released
    """

    signal: SignalKind
    measure: str | None = None
    is_fire: bool = False
    closing: tuple[int, ...] = ()
    in_use: tuple[int, ...] = ()
    release: str | None = None


class HazardRules(Model):
    """All rules. Get them with `hazard_rules`."""

    values: Mapping[str, HazardValue]
    signals: tuple[SignalRule, ...]
    outputs: tuple[OutputRule, ...]

    def __getitem__(self, name: str) -> float:
        return self.values[name].value

    def signal_of(self, kind: DeviceKind) -> SignalRule | None:
        """The signal that devices of a kind give; none of most."""
        return next((rule for rule in self.signals if rule.fits(kind)), None)

    def output_of(self, kind: DeviceKind) -> OutputRule | None:
        """What devices of a kind should do in a fire; nothing of most."""
        return next((rule for rule in self.outputs if rule.fits(kind)), None)


@cache
def _product() -> HazardRules:
    text = files("twin.evacuation").joinpath("values/hazards.yaml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.safe_load(text)
    return HazardRules.model_validate(made)


def hazard_rules(own: Mapping[str, float] = MappingProxyType({})) -> HazardRules:
    """The rules that come with the product, with values of one's own in place of some.

    Raises
    ------
    EvacuationError
        If there is no value of such a name.

    Examples
    --------
    >>> hazard_rules()["margin_ratio"], hazard_rules({"margin_ratio": 0.2})["margin_ratio"]
    (0.1, 0.2)
    """
    base = _product()
    changed: dict[str, HazardValue] = {}
    for name, value in own.items():
        if name not in base.values:
            raise EvacuationError(f"no value {name!r} is among the rules of hazards: {', '.join(base.values)}")
        given = {"value": value, "source": "the site's own", "clause": "", "certainty": "chosen"}
        changed[name] = base.values[name].replace(**given)
    return base.replace(values={**base.values, **changed}) if changed else base
