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


def fire_risers(building: Words, storeys: int) -> Words:
    """Indoor hydrants and sprinklers of a building that lose their water."""
    return Words(zh=f"{building.zh} 有 {storeys} 层室内消防给水中断，须通知消防值班并加强巡查",
                 en=f"{building.en}: fire water fails on {storeys} storeys; tell the fire-control duty, patrol"
                 )  # fmt: skip


def fire_suction(nodes: Sequence[str]) -> Words:
    """Fire pumps that would draw from nothing."""
    return Words(zh=f"消防泵吸水中断：{listed(nodes)}，须挂牌并通知消防值班",
                 en=f"fire pumps have nothing to draw from: {listed(nodes)}; tag them, tell the fire-control duty"
                 )  # fmt: skip


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


def blind() -> Words:
    """That no device of a network reports."""
    return Words(
        zh="该管网的设备全部没有读数，无法判断", en="no device of this network reports, so nothing can be said"
    )


def closed_valves(valves: Sequence[str], homes: int, hydrants: int) -> Words:
    """Valves that should be open, and whom they cut off."""
    return Words(zh=f"阀门处于关闭：{listed(valves)}；断供 {homes} 户、消火栓 {hydrants} 处",
                 en=f"closed: {listed(valves)}; {homes} flats and {hydrants} hydrants are cut off")  # fmt: skip


def hydrant_low(device: str, pressure_head_m: float, needed_m: float) -> Words:
    """A hydrant that is of no use."""
    return Words(zh=f"消火栓 {device} 压力 {pressure_head_m:.1f} m，低于所需 {needed_m:g} m",
                 en=f"hydrant {device} has {pressure_head_m:.1f} m of head and needs {needed_m:g} m")  # fmt: skip


def cut_off(valves: Sequence[str]) -> Words:
    """Why a hydrant has no water."""
    return Words(zh=f"阀门关闭断水：{listed(valves)}", en=f"cut off by closed valves: {listed(valves)}")


def unheard() -> Words:
    """That nothing tells of a hydrant."""
    return Words(zh="没有可用的压力读数", en="no pressure of it can be believed")


def odd_pressure(device: str, pressure_pa: float, limit_pa: float) -> Words:
    """A pressure outside its limits."""
    is_low = pressure_pa < limit_pa
    value, limit = f"{pressure_pa / 1000:.1f} kPa", f"{limit_pa / 1000:g} kPa"
    zh, en = ("低于下限", "below") if is_low else ("高于上限", "above")
    return Words(zh=f"{device} 压力 {value}，{zh} {limit}", en=f"{device} is at {value}, {en} the limit of {limit}")


def tank_low(device: str, level_m: float, most_m: float) -> Words:
    """A fire tank that is not full enough."""
    return Words(zh=f"消防水箱 {device} 液位 {level_m:.2f} m，满水为 {most_m:g} m",
                 en=f"fire tank {device} stands at {level_m:.2f} m of {most_m:g} m")  # fmt: skip


def main_flows(device: str, flow: str) -> Words:
    """A fire main in which water moves."""
    return Words(zh=f"消防管网有流量：{device} {flow}（平时应为零）",
                 en=f"water moves in the fire main: {device} shows {flow}, and should show nothing")  # fmt: skip


def main_loss(flow: str) -> Words:
    """A fire main that loses water."""
    return Words(zh=f"消防管网渗漏约 {flow}（按稳压泵停歇期间水箱液位）",
                 en=f"the fire main loses about {flow}, by its tanks' levels while the pumps rest")  # fmt: skip


def never_rests(device: str, duty_ratio: float) -> Words:
    """A jockey pump that hardly stops."""
    return Words(zh=f"稳压泵 {device} 运行时间占 {duty_ratio:.0%}，管网严重渗漏",
                 en=f"pump {device} runs {duty_ratio:.0%} of the time: the main loses much")  # fmt: skip


def blockage(nodes: Sequence[str], ends: Sequence[str], level_m: float, bore_m: float) -> Words:
    """A drain that is blocked between two manholes, or below the last one measured."""
    high, node = f"{level_m:.2f} m", listed(nodes)
    if not ends:
        return Words(zh=f"检查井 {node} 水位 {high}（管径 {bore_m:g} m），下游至出水口可能堵塞或被顶托",
                     en=f"manhole {node} stands at {high} over a {bore_m:g} m pipe: blocked, or backed up from the "
                     "outfall")  # fmt: skip
    return Words(zh=f"{node} 与 {listed(ends)} 之间管道堵塞：检查井 {node} 水位 {high}，下游 {listed(ends)} 正常",
                 en=f"blocked between {node} and {listed(ends)}: manhole {node} stands at {high} over a {bore_m:g} m "
                 f"pipe, {listed(ends)} below it does not")  # fmt: skip


def duct_full(device: str, fill_ratio: float) -> Words:
    """A duct without room."""
    return Words(zh=f"通信管道 {device} 占用 {fill_ratio:.0%}，余量不足",
                 en=f"duct {device} is {fill_ratio:.0%} full and has no room for more")  # fmt: skip
