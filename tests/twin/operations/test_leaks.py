"""A leak's life: one case and one alarm, an order with the place, and the flow's word on the repair."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.operations.conftest import NOW, make_site
from tests.twin.operations.leak_reports import HOUR, M3_PER_H, leak, report, with_water
from twin.errors import ForbiddenTransitionError
from twin.index import build
from twin.leaks.repair import UNKNOWN, Remaining
from twin.leaks.result import Leak, Words
from twin.operations import desk as desks
from twin.operations.desk import Desk
from twin.operations.errors import CommandError
from twin.operations.events import (
    Command,
    DismissLeak,
    Event,
    MoveWorkOrder,
    OrderCommand,
    OrderFromLeak,
    ReopenLeak,
    ReportLeakRepaired,
    type_of,
)
from twin.operations.leak_board import answer
from twin.operations.leak_watch import Memory, follow

INDEX = build(with_water(make_site()))
MINUTE = HOUR / 60
GONE = Remaining(0.0, 0.05 * M3_PER_H, 4 * 3600.0)
THERE = Remaining(0.98 * M3_PER_H, 0.05 * M3_PER_H, 4 * 3600.0)


@dataclass
class Estate:
    """A desk that reports and commands act on, as the runtime does it."""

    desk: Desk = field(default_factory=Desk)
    memory: Memory = field(default_factory=Memory)
    left: Remaining | None = UNKNOWN
    types: list[str] = field(default_factory=list)

    def sees(self, *leaks: Leak, at: dt.datetime = NOW) -> list[str]:
        followed = follow(
            self.desk.leaks, self.desk.work_orders, INDEX, report(*leaks, at=at), self.memory,
            measure=lambda _leak, since: self._left_since(since, at),
        )  # fmt: skip
        self.memory = followed.memory
        return self._keep(followed.events)

    def _left_since(self, since: dt.datetime, at: dt.datetime) -> Remaining | None:
        if self.left is None or self.left is UNKNOWN:
            return self.left
        return Remaining(self.left.size_m3_per_s, self.left.sd_m3_per_s, (at - since).total_seconds())

    def does(self, command: Command, at: dt.datetime = NOW) -> list[str]:
        return self._keep(desks.decide(self.desk, INDEX, command, at))

    def _keep(self, events: Sequence[Event]) -> list[str]:
        # through the journal's JSON, as after a restart
        kept = [msgspec.json.decode(msgspec.json.encode(e), type=Event) for e in events]
        self.desk = desks.replay(kept, self.desk)
        self.types += [type_of(e) for e in kept]
        return [type_of(e) for e in kept]

    @property
    def state(self) -> str:
        (case,) = self.desk.leaks.values()
        return case.state

    def order(self, at: dt.datetime = NOW) -> str:
        (case,) = self.desk.leaks.values()
        self.does(OrderFromLeak(id="order-1", actor="wang", leak=case.id), at)
        moves: tuple[tuple[OrderCommand, str], ...] = (("assign", "wang"), ("accept", "li"), ("finish", "li"))
        for move, actor in moves:
            assignee = "li" if move == "assign" else None
            command = MoveWorkOrder(
                id=f"c-{move}-{at:%d%H}", actor=actor, work_order="order-1", move=move, assignee=assignee
            )
            self.does(command, at)
        return "order-1"


def test_one_leak_is_one_alarm_however_often_and_with_whatever_onset_it_is_reported() -> None:
    estate = Estate()
    assert estate.sees(leak()) == ["leak_suspected", "leak_located", "alarm_raised"]
    for hour in range(1, 8):
        drifting = leak(size=M3_PER_H * (1 + 0.01 * hour), onset=NOW - (5 + hour % 3) * HOUR)
        assert estate.sees(drifting, at=NOW + hour * HOUR) == []
    assert len(estate.desk.leaks) == len(estate.desk.alarms) == 1
    (alarm,) = estate.desk.alarms.values()
    assert (alarm.severity, alarm.count, alarm.unit) == ("major", 1, "m3_per_s")
    assert alarm.place is not None
    assert (alarm.place.type, alarm.place.id) == ("pipe", "water/P1")


def test_two_leaks_behind_one_meter_are_two_cases() -> None:
    estate = Estate()
    estate.sees(leak())
    second = leak(onset=NOW + 9 * HOUR)
    assert "leak_suspected" in estate.sees(leak(), second, at=NOW + 14 * HOUR)
    assert len(estate.desk.leaks) == 2


def test_material_change_is_told_once_and_growth_raises_the_alarm_again() -> None:
    estate = Estate()
    estate.sees(leak(localisable=False))
    assert estate.state == "suspected"
    assert estate.sees(leak()) == ["leak_located"]
    assert estate.sees(leak(size=8 * M3_PER_H)) == ["leak_updated", "alarm_raised"]
    assert estate.sees(leak(size=8 * M3_PER_H)) == []
    (alarm,) = estate.desk.alarms.values()
    assert (alarm.severity, alarm.count) == ("critical", 2)


def test_alarm_keeps_the_name_and_the_size_the_leak_has_now() -> None:
    estate = Estate()
    estate.sees(leak(size=2 * M3_PER_H))
    shrunk = msgspec.structs.replace(leak(size=1 * M3_PER_H), title=Words(zh="支管漏水", en="Leak in the branch"))
    assert estate.sees(shrunk) == ["leak_updated"]
    (alarm,) = estate.desk.alarms.values()
    assert (alarm.name.en, alarm.count) == ("Leak in the branch", 1)
    assert alarm.value == pytest.approx(M3_PER_H)


def test_order_says_where_and_how_and_finishing_it_asks_the_flow() -> None:
    estate = Estate()
    estate.sees(leak())
    order_id = estate.order()
    order = estate.desk.work_order(order_id)
    assert (order.place.type, order.place.id, order.title.en) == ("pipe", "water/P1", "Leak in the main")
    for words in (
        "60 m of pipe",
        "ductile iron",
        "150 m apart",
        "1.0 m below ground",
        "hydrant J2 (30 m)",
        "listen at",
    ):
        assert words in order.advice.en, order.advice.en
    assert estate.types[-2:] == ["work_order_finished", "leak_repair_reported"]
    assert estate.state == "confirming"


def test_flow_that_fell_confirms_the_repair_clears_the_alarm_and_verifies_the_order() -> None:
    estate = Estate()
    estate.sees(leak())
    estate.order()
    assert estate.sees(leak(), at=NOW + HOUR) == []  # still in the window, and too early to tell
    estate.left = GONE
    assert estate.sees(leak(), at=NOW + 4 * HOUR) == ["leak_repaired", "alarm_cleared", "work_order_verified"]
    assert estate.desk.work_order("order-1").state == "verified"
    assert [a.state for a in estate.desk.alarms.values()] == ["cleared"]
    assert estate.sees(leak(), at=NOW + 5 * HOUR) == []  # the window still shows the leak that was


def test_flow_that_did_not_fall_opens_the_order_again() -> None:
    estate = Estate()
    estate.sees(leak())
    estate.order()
    estate.left = THERE
    assert estate.sees(leak(), at=NOW + 4 * HOUR) == ["leak_persists", "work_order_reopened"]
    order = estate.desk.work_order("order-1")
    assert (estate.state, order.state) == ("persists", "requested")
    assert "still leaks" in order.steps[-1].note
    assert [a.state for a in estate.desk.alarms.values()] == ["raised"]
    estate.order(NOW + 5 * HOUR)
    estate.left = GONE
    assert "leak_repaired" in estate.sees(at=NOW + 9 * HOUR)


def test_leak_that_goes_unreported_is_over_only_after_hours_of_flow_say_so() -> None:
    estate = Estate(left=GONE)
    estate.sees(leak())
    assert [estate.sees(at=NOW + k * HOUR) for k in (1, 3, 6)] == [[], [], []]
    assert estate.sees(at=NOW + 7 * HOUR) == ["leak_repaired", "alarm_cleared"]
    assert "without a report" in next(iter(estate.desk.leaks.values())).said.en


def test_leak_that_the_search_has_lost_but_the_flow_has_not_stays_open() -> None:
    estate = Estate(left=Remaining(19.6 * M3_PER_H, M3_PER_H, 4 * 3600.0))
    estate.sees(leak(shape="burst", size=20 * M3_PER_H))
    assert all(estate.sees(at=NOW + k * HOUR) == [] for k in range(1, 40))
    assert estate.state == "located"


def test_blind_report_changes_nothing() -> None:
    estate = Estate(left=GONE)
    estate.sees(leak())
    blind = msgspec.structs.replace(report(at=NOW + 48 * HOUR), status="blind")
    followed = follow(estate.desk.leaks, {}, INDEX, blind, estate.memory, measure=lambda _leak, _since: GONE)
    assert followed.events == ()


def test_dismissed_leak_stays_away_until_it_has_grown() -> None:
    estate = Estate()
    estate.sees(leak())
    case_id = next(iter(estate.desk.leaks))
    with pytest.raises(CommandError, match="reason"):
        estate.does(DismissLeak(id="d0", actor="wang", leak=case_id, reason=" "))
    dismiss = DismissLeak(id="d1", actor="wang", leak=case_id, reason="garden tap")
    assert estate.does(dismiss) == ["leak_dismissed", "alarm_cleared"]
    assert estate.does(dismiss) == []  # sent twice
    assert estate.sees(leak(size=1.3 * M3_PER_H), at=NOW + HOUR) == []
    grown = estate.sees(leak(size=2 * M3_PER_H), at=NOW + 2 * HOUR)
    assert grown == ["leak_reopened", "alarm_raised", "leak_updated"]


def test_what_began_after_the_repair_is_another_leak() -> None:
    estate = Estate(left=GONE)
    estate.sees(leak())
    estate.order()
    estate.sees(at=NOW + 4 * HOUR)
    assert "leak_suspected" in estate.sees(leak(onset=NOW + 30 * HOUR), at=NOW + 36 * HOUR)
    assert len(estate.desk.leaks) == 2


def test_leak_that_begins_anew_within_the_hour_of_a_repaired_one_is_told() -> None:
    # an hour of ours holds days of an estate in a hurry
    estate = Estate(left=GONE)
    first = leak(onset=NOW - 50 * MINUTE)
    estate.sees(msgspec.structs.replace(first, onset_low_at=first.onset_at))
    estate.sees(at=NOW - 30 * MINUTE)
    assert "leak_repaired" in estate.sees(at=NOW + 7 * HOUR)
    again = msgspec.structs.replace(first, onset_at=NOW + 8 * HOUR, onset_low_at=NOW + 8 * HOUR)
    assert estate.sees(again, at=NOW + 9 * HOUR) == ["leak_suspected", "leak_located", "alarm_raised"]
    assert estate.state == "located"


def test_commands_that_the_state_forbids_are_refused_with_what_is_possible() -> None:
    estate = Estate()
    estate.sees(leak())
    case_id = next(iter(estate.desk.leaks))
    with pytest.raises(ForbiddenTransitionError, match="create_work_order, report_repaired, dismiss"):
        estate.does(ReopenLeak(id="r", actor="wang", leak=case_id))
    estate.does(ReportLeakRepaired(id="m", actor="li", leak=case_id))
    estate.does(DismissLeak(id="d", actor="wang", leak=case_id, reason="no leak"))
    with pytest.raises(ForbiddenTransitionError, match="possible now: reopen"):
        estate.does(ReportLeakRepaired(id="m2", actor="li", leak=case_id))
    assert estate.does(ReopenLeak(id="r2", actor="wang", leak=case_id)) == ["leak_reopened", "alarm_raised"]


def test_reported_repair_is_taken_back_without_a_second_alarm_and_its_order_goes_on() -> None:
    estate = Estate()
    estate.sees(leak())
    order_id = estate.order()
    case_id = next(iter(estate.desk.leaks))
    back = ReopenLeak(id="b", actor="wang", leak=case_id, reason="the wrong clamp")
    assert estate.does(back, NOW + HOUR) == ["work_order_reopened", "leak_reopened"]
    assert estate.does(back, NOW + HOUR) == []  # sent twice
    order = estate.desk.work_order(order_id)
    assert (estate.state, order.state, order.steps[-1].note) == ("repairing", "requested", "the wrong clamp")
    (alarm,) = estate.desk.alarms.values()
    assert (alarm.state, alarm.count) == ("raised", 1)
    estate.left = THERE
    assert estate.sees(leak(), at=NOW + 5 * HOUR) == []  # nobody asks the flow any more
    estate.order(NOW + 6 * HOUR)
    estate.left = GONE
    assert "leak_repaired" in estate.sees(leak(), at=NOW + 10 * HOUR)


def test_repair_reported_without_an_order_is_taken_back_to_where_the_leak_was() -> None:
    estate = Estate()
    estate.sees(leak())
    case_id = next(iter(estate.desk.leaks))
    estate.does(ReportLeakRepaired(id="m", actor="li", leak=case_id))
    assert estate.does(ReopenLeak(id="b", actor="li", leak=case_id)) == ["leak_reopened"]
    assert estate.state == "located"
    assert estate.does(ReportLeakRepaired(id="m2", actor="li", leak=case_id)) == ["leak_repair_reported"]


def test_repair_reported_while_its_order_is_at_work_is_taken_back_into_that_order() -> None:
    estate = Estate()
    estate.sees(leak())
    case_id = next(iter(estate.desk.leaks))
    estate.does(OrderFromLeak(id="order-1", actor="wang", leak=case_id))
    estate.does(ReportLeakRepaired(id="m", actor="li", leak=case_id))
    assert estate.does(ReopenLeak(id="b", actor="li", leak=case_id)) == ["leak_reopened"]
    assert (estate.state, estate.desk.work_order("order-1").state) == ("repairing", "requested")


def test_leak_opened_again_after_its_repair_was_confirmed_can_have_another_order() -> None:
    estate = Estate(left=GONE)
    estate.sees(leak())
    estate.order()
    assert "leak_repaired" in estate.sees(leak(), at=NOW + 4 * HOUR)
    case_id = next(iter(estate.desk.leaks))
    again = ReopenLeak(id="b", actor="wang", leak=case_id)
    assert estate.does(again, NOW + 5 * HOUR) == ["leak_reopened", "alarm_raised"]
    assert estate.state == "located"
    estate.does(OrderFromLeak(id="order-2", actor="wang", leak=case_id), NOW + 5 * HOUR)
    assert (estate.state, estate.desk.leak(case_id).work_order) == ("repairing", "order-2")


def test_who_finished_an_order_cannot_verify_it() -> None:
    estate = Estate()
    estate.sees(leak())
    estate.order()
    with pytest.raises(ForbiddenTransitionError, match="another person"):
        estate.does(MoveWorkOrder(id="v", actor="li", work_order="order-1", move="verify"))
    assert estate.does(MoveWorkOrder(id="v", actor="wang", work_order="order-1", move="verify")) == [
        "work_order_verified"
    ]


def test_answer_tells_how_far_it_is_and_how_long_the_flow_needs() -> None:
    estate = Estate()
    estate.sees(leak())
    estate.order()
    doubtful = Remaining(0.0, 0.6 * M3_PER_H, 3 * 3600.0)
    case_id = next(iter(estate.desk.leaks))
    told = answer(report(leak(), at=NOW + 3 * HOUR), estate.desk.leaks, seen={}, remaining={case_id: doubtful})
    (shown,) = told.leaks
    assert (shown.state, shown.work_order, told.past) == ("confirming", "order-1", ())
    assert shown.confirmation is not None
    assert shown.confirmation.state == "waiting"
    assert shown.confirmation.until is not None
    # three hours left a doubt of 2.6 * 0.6 m3/h about a half of 0.5 m3/h: (3.12)^2 times as long is needed
    assert shown.confirmation.until - NOW == pytest.approx(3 * 9.73 * HOUR, abs=HOUR)
    # sixty times as fast, the same hours pass in so much less of ours
    hurried = Remaining(0.0, 0.6 * M3_PER_H, 3 * 3600.0, pace=60.0)
    soon = answer(
        report(leak(), at=NOW + 3 * HOUR / 60), estate.desk.leaks, seen={}, remaining={case_id: hurried}
    ).leaks[0].confirmation  # fmt: skip
    assert soon is not None
    assert soon.until is not None
    assert soon.until - NOW == pytest.approx(3 * 9.73 * HOUR / 60, abs=HOUR / 60)
    assert soon.text == shown.confirmation.text
    estate.left = GONE
    estate.sees(at=NOW + 30 * HOUR)
    over = answer(report(at=NOW + 30 * HOUR), estate.desk.leaks, seen={}, remaining={})
    assert ([p.state for p in over.past], over.leaks) == (["repaired"], ())


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "miss", "gone", "there", "order", "repaired", "dismiss", "reopen", "finish"]),
        st.floats(0.2, 6.0),
    ),
    max_size=25,
)


@given(STEPS)
def test_no_history_leaves_a_leak_without_its_alarm_or_an_alarm_without_its_leak(
    steps: list[tuple[str, float]],
) -> None:
    estate = Estate()
    for k, (step, size) in enumerate(steps):
        at = NOW + (k + 1) * 3 * HOUR
        first = next(iter(estate.desk.leaks), "none")
        commands: dict[str, Command] = {
            "order": OrderFromLeak(id=f"o{k}", actor="wang", leak=first),
            "repaired": ReportLeakRepaired(id=f"m{k}", actor="li", leak=first),
            "dismiss": DismissLeak(id=f"d{k}", actor="wang", leak=first, reason="no"),
            "reopen": ReopenLeak(id=f"r{k}", actor="wang", leak=first),
        }
        if step in commands and first != "none":
            try:
                estate.does(commands[step], at)
            except ForbiddenTransitionError:
                continue
        elif step in {"gone", "there"}:
            estate.left = GONE if step == "gone" else THERE
        elif step == "see":
            estate.sees(leak(size=size * M3_PER_H), at=at)
        elif step == "miss":
            estate.sees(at=at)
        for case in estate.desk.leaks.values():
            alarm = estate.desk.alarms[case.alarm]
            assert alarm.present == (case.state not in {"repaired", "dismissed"})
            assert alarm.count <= 1 + estate.types.count("leak_updated") + estate.types.count("leak_reopened")
