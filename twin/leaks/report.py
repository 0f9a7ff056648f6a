"""From a window of readings to the report of an estate's leaks."""

import datetime as dt

from twin.leaks.model import LeakModel
from twin.leaks.result import LeakReport, Span, Unanswered, Words
from twin.leaks.window import Window


def leaks(model: LeakModel, window: Window, now: dt.datetime) -> LeakReport:
    """What leaks, as far as the readings up to `now` can tell; a pure function of its arguments.

    Parameters
    ----------
    window : readings of ``model.rows``; what is later than `now` is not looked at
    now : aware
    """
    known = window.until(now.timestamp())
    span = Span(dt.datetime.fromtimestamp(known.start_s, dt.UTC), dt.datetime.fromtimestamp(known.end_s, dt.UTC))
    silent = not any(len(known.reading(row)[0]) for row in model.rows)
    if silent:
        nothing = Unanswered(
            what=Words(zh="是否存在漏水", en="Whether anything leaks"),
            why=Words(zh="没有收到任何水表、液位或压力读数。", en="No meter, level or pressure has reported."),
            mend=Words(zh="检查网关与绑定。", en="Check the gateways and the bindings."),
        )
        return LeakReport(at=now, window=span, status="blind", unanswered=(nothing,))
    return LeakReport(at=now, window=span, status="learning")
