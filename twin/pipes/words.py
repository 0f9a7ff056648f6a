"""Sentences about shut-downs, in the languages of the product."""

from collections.abc import Sequence

from twin.leaks.result import Words
from twin.leaks.words import m3_per_h

_SHOWN = 6


def listed(names: Sequence[str]) -> str:
    """Some names in a row, the many cut short.

    Examples
    --------
    >>> listed(["a", "b"]), listed([str(k) for k in range(9)])
    ('a, b', '0, 1, 2, 3, 4, 5, …')
    """
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def lets_in(flow_m3_per_s: float, *, first: bool) -> Words:
    """Why a valve comes where it does, by the water it lets in."""
    flow = m3_per_h(flow_m3_per_s)
    if first:
        return Words(zh=f"来水最多（{flow}），先关可最快减少漏失", en=f"most of the water comes in here ({flow}): "
                     "closing it first stops most of the loss")  # fmt: skip
    return Words(zh=f"由此进水 {flow}", en=f"{flow} come in here")


def stands() -> Words:
    """Why a valve is closed through which nothing flows as a rule."""
    return Words(zh="平时无来水，但关其他阀后会由此倒灌；按步行顺序",
                 en="nothing comes in here as a rule, but it would once the others are closed; "
                 "next on the way")  # fmt: skip


def unknown_valves(valves: Sequence[str]) -> Words:
    """Valves nobody reports on."""
    return Words(zh=f"阀位未知，须到现场确认已关严：{listed(valves)}",
                 en=f"position unknown, make sure on the spot that they are tight: {listed(valves)}")  # fmt: skip


def normally_closed(valves: Sequence[str]) -> Words:
    """Valves that should be closed already, on which nothing reports."""
    return Words(zh=f"图纸上为常闭但无回讯，不能视为已关严：{listed(valves)}",
                 en=f"closed in the plans but nothing reports them, so not relied on: {listed(valves)}")  # fmt: skip


def left_out(valves: Sequence[str]) -> Words:
    """Stuck valves that the plan does without."""
    return Words(zh=f"已知关不动、未采用：{listed(valves)}", en=f"known not to close and left out: {listed(valves)}")


def gentler(valves: Sequence[str], more_flats: int) -> Words:
    """That a few more valves would spare flats."""
    return Words(zh=f"改关 {len(valves)} 个阀（{listed(valves)}）可少停 {more_flats} 户",
                 en=f"closing {len(valves)} valves instead ({listed(valves)}) spares {more_flats} flats")  # fmt: skip


def not_refilled(tanks: Sequence[str], after_s: float) -> Words:
    """Tanks that run empty."""
    hours = f"{after_s / 3600:.1f}"
    return Words(zh=f"水箱无法补水，约 {hours} 小时后用空：{listed(tanks)}",
                 en=f"not refilled, and empty after about {hours} h: {listed(tanks)}")  # fmt: skip


def low_before(count: int) -> Words:
    """Flats whose pressure is too low whatever is closed."""
    return Words(
        zh=f"另有 {count} 户平时压力即低于所需", en=f"{count} more flats have less pressure than needed on any day"
    )


def not_run(why: str) -> Words:
    """That EPANET did not check the plan."""
    return Words(zh=f"未能用水力模型核算压力：{why}", en=f"not checked by the hydraulics: {why}")


def standing() -> Words:
    """A pipe that is cut off already."""
    return Words(zh="该管段现已被关闭的阀门隔断", en="closed valves cut this pipe off already")
