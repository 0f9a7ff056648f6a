"""Leaks in past readings: the same looks a live monitor would have taken, one after the other."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from twin.index import SiteIndex
from twin.leaks.model import LeakModel
from twin.leaks.repair import remaining
from twin.leaks.report import leaks
from twin.leaks.result import LeakReport
from twin.leaks.window import Window
from twin.operations import desk as desks
from twin.operations.desk import Desk
from twin.operations.leak_board import LeakAnswer, answer
from twin.operations.leak_watch import Memory, follow

WindowAt = Callable[[float], Window]
"""The readings that a look at an instant (epoch [s]) rests on."""


def look_at(model: LeakModel, window: Window, at: dt.datetime) -> LeakAnswer:
    """One look, as if none had been taken before."""
    return answer(leaks(model, window, at), {}, seen={}, remaining={})


def look_through(
    index: SiteIndex, model: LeakModel, window_at: WindowAt, instants: Iterable[dt.datetime]
) -> Iterator[LeakAnswer]:
    """The answer at each instant, knowing those before: leaks that were found stay until the flow says they are gone.

    Parameters
    ----------
    window_at : the readings up to an instant
    instants : in order
    """
    desk, memory = Desk(), Memory()
    for at in instants:
        window = window_at(at.timestamp())
        report: LeakReport = leaks(model, window, at)
        followed = follow(
            desk.leaks, desk.work_orders, index, report, memory,
            measure=lambda leak, since, w=window: remaining(model, w, leak, since.timestamp()),  # type: ignore[misc]
        )  # fmt: skip
        memory = followed.memory
        desk = desks.replay(followed.events, desk)
        yield answer(report, desk.leaks, seen=followed.seen, remaining=followed.remaining)
