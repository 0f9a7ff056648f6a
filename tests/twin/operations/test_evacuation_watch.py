"""One alarm of the highest severity for each storey that is cut off, raised at once, cleared after a while."""

import datetime as dt

from tests.twin.evacuation.burning_house import Burning, burning_site
from twin.evacuation.hazards import Report
from twin.evacuation.moment import Prepared, Said, moment
from twin.operations import desk as desks
from twin.operations.desk import Desk
from twin.operations.evacuation_watch import EvacuationMemory, alarm_of, follow_ways
from twin.operations.events import AlarmCleared, AlarmEvent, AlarmRaised

BOTH = "h/f1/out-w", "h/f1/out-e"


class Followed:
    """A house of two storeys with its desk."""

    def __init__(self) -> None:
        self.house, self.desk, self.memory = Burning(burning_site(storeys=2)), Desk(), EvacuationMemory()

    def look(self, seconds: float, *shut: str) -> tuple[AlarmEvent, ...]:
        house = self.house.after(seconds)
        said = Said(shut={name: Report(house.now_s) for name in shut})
        found = moment(Prepared(house.graph, house.map), house.snapshot, said=said)
        now = dt.datetime.fromtimestamp(house.now_s, dt.UTC)
        events, self.memory = follow_ways(
            self.desk.alarms, house.index, found.cut_off, found.hazards, memory=self.memory, now=now
        )
        self.desk = desks.replay(events, self.desk)
        return events


def test_a_storey_cut_off_is_one_alarm_at_once() -> None:
    followed = Followed()
    assert followed.look(5) == ()
    (raised,) = followed.look(5, "stair-w", "stair-e")
    assert isinstance(raised, AlarmRaised)
    assert (raised.alarm, raised.severity, raised.value) == (alarm_of("h/f2"), "critical", 7.0)
    assert raised.place is not None
    assert raised.place.id == "h/f2"
    assert "and 3 more" in raised.advice.en
    assert followed.look(5, "stair-w", "stair-e") == ()


def test_it_grows_with_what_is_cut_off_and_another_storey_is_another_alarm() -> None:
    followed = Followed()
    followed.look(5, "stair-w", "stair-e")
    events = followed.look(5, *BOTH)
    assert [event.alarm for event in events] == [alarm_of("h/f1")]
    assert len(followed.desk.alarms) == 2


def test_it_clears_by_itself_but_not_for_a_moment() -> None:
    followed = Followed()
    followed.look(5, *BOTH)
    assert followed.look(5) == ()
    assert followed.look(20, *BOTH) == ()  # again within half a minute: it never ended
    assert followed.look(5) == ()
    cleared = followed.look(31)
    assert [type(event) for event in cleared] == [AlarmCleared, AlarmCleared]
    (again, *_) = followed.look(5, *BOTH)
    assert isinstance(again, AlarmRaised)


def test_what_is_drawn_without_a_way_raises_nothing() -> None:
    followed = Followed()
    site = burning_site()
    (building,) = site.buildings
    cut = tuple(o for o in building.storeys[0].openings if o.id != "h/f{n}/d-b")
    building = building.replace(storeys=(building.storeys[0].replace(openings=cut),))
    followed.house = Burning(site.replace(buildings=(building,)))
    assert followed.look(5) == ()
