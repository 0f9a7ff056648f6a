"""What people may do with alarms and work orders, and that replay of the events is the same desk."""

import datetime as dt
import uuid

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.twin.operations.conftest import HIGH, LOW, NOW, SILENT, SMOKE, make_board, make_site
from twin.errors import ForbiddenTransitionError, UnknownIdError
from twin.index import SiteIndex, build
from twin.operations.alarm_rules import begin, compile_rules
from twin.operations.alarms import alarm_id
from twin.operations.desk import Desk, decide, evaluate, evolve, replay
from twin.operations.errors import CommandError
from twin.operations.events import (
    AcknowledgeAlarm,
    AlarmCleared,
    AlarmRaised,
    Command,
    Event,
    MoveWorkOrder,
    OrderCommand,
    OrderFromAlarm,
    Phrase,
    RequestWorkOrder,
    ShelveAlarm,
)
from twin.operations.places import phrase, place_of
from twin.operations.work_orders import MOVES, possible

INDEX = build(make_site(LOW, HIGH, SMOKE, SILENT))
ALARM = alarm_id("low", "g1")


def new_id() -> str:
    return str(uuid.uuid4())


def raised(*, at: dt.datetime = NOW, index: SiteIndex = INDEX) -> AlarmRaised:
    return AlarmRaised(
        at=at, actor="system", alarm=ALARM, rule="low", name=phrase(LOW.name), severity="major", device="g1",
        channel="pressure", place=place_of(index, "device", "g1"), value=50.0, unit="pa", advice=phrase(LOW.advice),
        skill="plumbing",
    )  # fmt: skip


def do(desk: Desk, command: Command, now: dt.datetime = NOW) -> Desk:
    return replay(decide(desk, INDEX, command, now), desk)


def move(order: str, verb: OrderCommand, *, actor: str = "li", assignee: str | None = None) -> MoveWorkOrder:
    return MoveWorkOrder(id=new_id(), actor=actor, work_order=order, move=verb, assignee=assignee)


def test_alarm_becomes_a_work_order_with_place_priority_advice_and_skill() -> None:
    command = OrderFromAlarm(id=new_id(), actor="wang", alarm=ALARM)
    desk = do(replay([raised()]), command)
    order = desk.work_order(command.id)
    assert (order.state, order.priority, order.skill, order.advice.en) == ("requested", 2, "plumbing", "See the pump")
    assert (order.place.id, order.place.storey, order.alarm) == ("g1", "t1/f2", ALARM)
    assert desk.alarm(ALARM).work_order == order.id
    assert do(desk, command) == desk
    with pytest.raises(ForbiddenTransitionError, match=order.id):
        do(desk, OrderFromAlarm(id=new_id(), actor="wang", alarm=ALARM))


def test_order_goes_from_request_to_verified_and_keeps_who_did_what() -> None:
    command = RequestWorkOrder(
        id=new_id(), actor="wang", title=Phrase("修", "Mend"), place=place_of(INDEX, "space", "t1/f5/501/bed")
    )
    desk = do(Desk(), command)
    desk = do(desk, move(command.id, "assign", actor="wang", assignee="li"))
    for verb in ("accept", "start", "pause", "resume", "finish"):
        desk = do(desk, move(command.id, verb))
    desk = do(desk, move(command.id, "verify", actor="wang"))
    order = desk.work_order(command.id)
    assert (order.state, order.assignee) == ("verified", "li")
    assert [(s.type, s.actor) for s in order.steps] == [
        ("requested", "wang"), ("assigned", "wang"), ("accepted", "li"), ("started", "li"), ("paused", "li"),
        ("resumed", "li"), ("finished", "li"), ("verified", "wang"),
    ]  # fmt: skip


def test_forbidden_step_says_the_state_the_command_and_what_is_possible() -> None:
    command = RequestWorkOrder(
        id=new_id(), actor="wang", title=Phrase("修", "Mend"), place=place_of(INDEX, "building", "t1")
    )
    with pytest.raises(ForbiddenTransitionError, match=r"is requested and cannot finish; possible now: assign, cancel"):
        do(do(Desk(), command), move(command.id, "finish"))


def test_command_sent_twice_acts_once() -> None:
    command = RequestWorkOrder(
        id=new_id(), actor="wang", title=Phrase("修", "Mend"), place=place_of(INDEX, "ground", "gate-south")
    )
    assign = move(command.id, "assign", actor="wang", assignee="li")
    accept = move(command.id, "accept")
    desk = do(do(do(Desk(), command), assign), accept)
    for again in (command, assign, accept):
        assert decide(desk, INDEX, again, NOW) == ()


def test_strangers_may_do_nothing() -> None:
    with pytest.raises(CommandError, match="actor: no member of staff 'lee'"):
        do(replay([raised()]), AcknowledgeAlarm(id=new_id(), actor="lee", alarm=ALARM))
    order = do(replay([raised()]), OrderFromAlarm(id="o", actor="wang", alarm=ALARM))
    with pytest.raises(CommandError, match="assignee"):
        do(order, move("o", "assign", assignee="system"))


def test_acknowledged_alarm_clears_and_comes_back_as_the_same_one() -> None:
    desk = do(replay([raised()]), AcknowledgeAlarm(id=new_id(), actor="wang", alarm=ALARM))
    assert (desk.alarm(ALARM).state, desk.alarm(ALARM).acknowledged_by) == ("acknowledged", "wang")
    desk = evolve(desk, AlarmCleared(at=NOW, actor="system", alarm=ALARM))
    assert desk.alarm(ALARM).state == "cleared"
    desk = evolve(desk, raised(at=NOW + dt.timedelta(hours=1)))
    again = desk.alarm(ALARM)
    assert (again.state, again.count, again.acknowledged_at, again.cleared_at) == ("raised", 2, None, None)


def test_shelved_alarm_stays_quiet_until_its_time_and_then_tells_how_it_is() -> None:
    until = NOW + dt.timedelta(hours=1)
    desk = do(replay([raised()]), ShelveAlarm(id=new_id(), actor="wang", alarm=ALARM, until=until))
    for event in (AlarmCleared(at=NOW, actor="system", alarm=ALARM), raised()):
        desk = evolve(desk, event)
        assert desk.alarm(ALARM).state == "shelved"

    table, board = compile_rules(INDEX), make_board(INDEX, at_s=until.timestamp())
    board.values[:] = 300.0
    watch = begin(table, [ALARM], NOW.timestamp())
    events, watch = evaluate(desk, table, watch, board, now=until - dt.timedelta(seconds=1))
    assert not any(type(e).__name__ == "AlarmUnshelved" for e in events)
    events, _ = evaluate(desk, table, watch, board, now=until)
    assert replay(events, desk).alarm(ALARM).state == "raised"


@pytest.mark.parametrize("days", [-1, 0, 8])
def test_shelf_must_end_soon_but_not_in_the_past(days: int) -> None:
    until = NOW + dt.timedelta(days=days)
    with pytest.raises(CommandError, match="until"):
        do(replay([raised()]), ShelveAlarm(id=new_id(), actor="wang", alarm=ALARM, until=until))


class Life(RuleBasedStateMachine):
    """People and rules at random: no illegal state is reached, and replay is the live desk."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.clock = NOW

    def _take(self, events: tuple[Event, ...]) -> None:
        self.events.extend(events)
        self.desk = replay(events, self.desk)

    def _try(self, command: Command) -> None:
        self.clock += dt.timedelta(seconds=1)
        self.commands.append(command)
        before = self.desk
        try:
            self._take(decide(self.desk, INDEX, command, self.clock))
        except (ForbiddenTransitionError, CommandError, UnknownIdError):
            assert self.desk == before

    @rule()
    def condition_begins(self) -> None:
        if ALARM not in self.desk.alarms or not self.desk.alarm(ALARM).present:
            self._take((raised(at=self.clock),))

    @rule()
    def condition_ends(self) -> None:
        if ALARM in self.desk.alarms and self.desk.alarm(ALARM).present:
            self._take((AlarmCleared(at=self.clock, actor="system", alarm=ALARM),))

    @rule(hours=st.integers(-1, 200), shelve=st.booleans())
    def handle_alarm(self, hours: int, *, shelve: bool) -> None:
        until = self.clock + dt.timedelta(hours=hours)
        if shelve:
            self._try(ShelveAlarm(id=new_id(), actor="wang", alarm=ALARM, until=until))
        else:
            self._try(AcknowledgeAlarm(id=new_id(), actor="wang", alarm=ALARM))

    @rule(from_alarm=st.booleans(), priority=st.integers(0, 5))
    def request(self, priority: int, *, from_alarm: bool) -> None:
        place = place_of(INDEX, "storey", "t1/f3")
        if from_alarm:
            self._try(OrderFromAlarm(id=new_id(), actor="wang", alarm=ALARM))
        else:
            self._try(
                RequestWorkOrder(id=new_id(), actor="li", title=Phrase("修", "Mend"), place=place, priority=priority)
            )

    @rule(data=st.data(), verb=st.sampled_from(sorted(MOVES)), assignee=st.sampled_from(["li", "wang", "nobody", None]))
    def move_order(self, data: st.DataObject, verb: OrderCommand, assignee: str | None) -> None:
        if self.desk.work_orders:
            order = data.draw(st.sampled_from(sorted(self.desk.work_orders)))
            self._try(move(order, verb, assignee=assignee if verb == "assign" else None))

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        if self.commands:
            self._try(data.draw(st.sampled_from(self.commands)))

    @invariant()
    def replay_is_the_live_desk(self) -> None:
        assert replay(self.events) == self.desk

    @invariant()
    def nothing_is_impossible(self) -> None:
        for order in self.desk.work_orders.values():
            assert (order.assignee is None) <= (order.state in {"requested", "cancelled"})
            assert (order.state == "requested") <= (order.assignee is None)
            assert possible(order)
            commands = [s.command for s in order.steps]
            assert len(commands) == len(set(commands))
        for alarm in self.desk.alarms.values():
            assert (alarm.state == "cleared") <= (not alarm.present)
            assert (alarm.state in {"raised", "acknowledged"}) <= alarm.present
            assert (alarm.state == "shelved") == (alarm.shelved_until is not None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
