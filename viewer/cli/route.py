"""`plumbline route`: the way from one place of a site to another, to the nearest of many, or round many."""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from twin.operations.directions import Way
    from twin.operations.rounds import Asked, NearestWay, TourWay
    from twin.wayfinding.network import Wayfinder
    from twin.wayfinding.refusals import Refusal

Language = Literal["en", "zh"]
_MINUTE_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("route")(route)


def route(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    start: Annotated[
        str,
        typer.Argument(
            metavar="FROM",
            help="A space, device, building, ground feature, pipe, member of staff, or point as x,y[,z]; "
            "'gate' is the gate that is soonest there.",
        ),
    ],
    target: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="The same; not with --nearest and --tour.")
    ] = None,
    *,
    profile: Annotated[
        str, typer.Option("--profile", help="Who goes: resident, wheelchair, pushchair, crew, fire_crew, car …")
    ] = "resident",
    profiles: Annotated[
        Path | None,
        typer.Option("--profiles", metavar="FILE.yaml", help="The site's own profiles, instead of the product's."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ID", help="A door, stair, lift, ramp, gate or space out of use; repeat it."),
    ] = None,
    released: Annotated[
        bool, typer.Option("--released", help="Nothing is locked or private, as in an evacuation.")
    ] = False,
    nearest: Annotated[
        str | None,
        typer.Option(
            "--nearest", metavar="KIND", help="The soonest of a kind: aed, extinguisher, parking_space, crew …"
        ),
    ] = None,
    coming: Annotated[
        bool, typer.Option("--coming", help="With --nearest: who is here soonest, such as crew; not who is reached.")
    ] = False,
    taken: Annotated[
        list[str] | None,
        typer.Option("--taken", metavar="ID", help="With --nearest: one that does not count; may be repeated."),
    ] = None,
    tour: Annotated[
        list[str] | None,
        typer.Option("--tour", metavar="ID", help="A stop, or a kind of stops such as patrol-point; may be repeated."),
    ] = None,
    at: Annotated[
        dt.datetime | None,
        typer.Option(
            "--at",
            formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            help="When one goes, by the site's clock, for opening hours; they do not count if not said.",
        ),
    ] = None,
    one_way: Annotated[bool, typer.Option("--one-way", help="With --tour: do not come back to FROM.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, with lines by storey.")] = False,
    language: Annotated[Language, typer.Option("--language", help="Of the steps.")] = "en",
) -> None:
    """Tell the way through doors, stairs and lifts, how far it is and what it takes; exit 1 if there is none."""
    from twin.operations.rounds import asked
    from twin.wayfinding.opening_times import at_time
    from twin.wayfinding.refusals import RefusedError

    if (target is not None) + (nearest is not None) + bool(tour) != 1:
        raise typer.BadParameter("give one of TO, --nearest and --tour", param_hint="TO")
    terms = asked(profile, own=profiles, closed=without or (), is_released=released)
    ways = _ways(site)
    if at is not None:
        terms = replace(terms, profile=at_time(ways.index, terms.profile, at))
    told = _Told(ways, language, as_json=as_json)
    try:
        if target is not None:
            told.way("" if start == "gate" else start, target, terms)
        elif nearest is not None:
            told.nearest(start, nearest, terms, taken=taken or (), is_coming=coming)
        else:
            told.tour(start, tour or [], terms, is_round=not one_way)
    except RefusedError as error:
        told.refusal(error.refusal)
        raise typer.Exit(EXIT_FINDINGS) from None


def _ways(site: Path) -> "Wayfinder":
    from twin.index import build
    from twin.site_folder import read
    from twin.wayfinding.network import Wayfinder

    return Wayfinder(build(read(site)))


@dataclass(frozen=True)
class _Told:
    """Answers, as they are printed."""

    ways: "Wayfinder"
    language: Language
    as_json: bool

    def way(self, start: str, target: str, terms: "Asked") -> None:
        """From one place to another."""
        from twin.operations.directions import directions

        found = directions(
            self.ways, target, start=start, profile=terms.profile, closed=terms.closed, is_released=terms.is_released
        )
        if not self._document(found):
            self._say(
                f"{_metres(found.length_m)}, {_minutes(found.duration_s)}",
                f"{found.length_m:.0f} 米，{_zh(found.duration_s)}",
            )
            self._steps(found)

    def nearest(self, start: str, kind: str, terms: "Asked", *, taken: Collection[str], is_coming: bool) -> None:
        """To the soonest of many, or from there."""
        from twin.operations.rounds import nearest_way

        found = nearest_way(self.ways, start, kind, terms, taken=taken, is_coming=is_coming)
        if not self._document(found):
            for place in found.places:
                self._say(
                    f"{_minutes(place.duration_s):>9}  {place.name.en} ({place.id})",
                    f"{_zh(place.duration_s):>9}  {place.name.zh}（{place.id}）",
                )
            if found.unreached:
                self._say(f"{found.unreached} more cannot be reached.", f"另有 {found.unreached} 处无法到达。")
            if found.way is not None:
                self._steps(found.way)
        if found.way is None:
            raise typer.Exit(EXIT_FINDINGS)

    def tour(self, start: str, stops: list[str], terms: "Asked", *, is_round: bool) -> None:
        """Round many."""
        from twin.operations.rounds import tour_way

        found = tour_way(self.ways, start, stops, terms, is_round=is_round)
        if not self._document(found):
            self._tour(found)
        if found.unreached:
            raise typer.Exit(EXIT_FINDINGS)

    def _tour(self, found: "TourWay") -> None:
        en, zh = ("the quickest order", "最快的顺序") if found.is_proven else ("a quick order", "较快的顺序")
        self._say(
            f"{_metres(found.length_m)}, {_minutes(found.duration_s)}, {en}",
            f"{found.length_m:.0f} 米，{_zh(found.duration_s)}，{zh}",
        )
        typer.echo(f"  {found.stops[0]}")
        for way in found.ways:
            self._say(
                f"  {way.end}: {_metres(way.length_m)}, {_minutes(way.duration_s)}",
                f"  {way.end}：{way.length_m:.0f} 米，{_zh(way.duration_s)}",
            )
        if found.unreached:
            names = ", ".join(found.unreached)
            self._say(f"Cannot be reached: {names}", f"无法到达：{names}")

    def refusal(self, why: "Refusal") -> None:
        """Why there is no way."""
        if not self.as_json:
            self._say(why.text.en, why.text.zh)
            return
        obstacles = [
            {"cause": o.cause, "id": o.id, "point_m": o.point_m, "text": {"zh": o.text.zh, "en": o.text.en}}
            for o in why.obstacles
        ]
        told = {"text": {"zh": why.text.zh, "en": why.text.en}, "obstacles": obstacles, "reached": why.reached}
        typer.echo(json.dumps({"refusal": told}, ensure_ascii=False))

    def _document(self, found: "Way | NearestWay | TourWay") -> bool:
        """Print it for machines, if that was asked for."""
        if self.as_json:
            import msgspec

            typer.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False))
        return self.as_json

    def _steps(self, way: "Way") -> None:
        storey: str | None = "?"
        for k, step in enumerate(way.steps, 1):
            if step.storey != storey:
                storey = step.storey
                typer.echo(self._place(storey))
            self._say(f"  {k:2d}. {step.text.en}", f"  {k:2d}. {step.text.zh}")

    def _place(self, storey_id: str | None) -> str:
        if storey_id is None:
            return "室外" if self.language == "zh" else "In the open"
        storey = self.ways.index.storeys[storey_id]
        names = [name.zh if self.language == "zh" else name.en for name in (storey.building.name, storey.name)]
        return ", ".join(name for name in names if name) or storey_id

    def _say(self, en: str, zh: str) -> None:
        typer.echo(zh if self.language == "zh" else en)


def _metres(length_m: float) -> str:
    return f"{length_m:.0f} m"


def _minutes(duration_s: float) -> str:
    return f"{duration_s / _MINUTE_S:.1f} min"


def _zh(duration_s: float) -> str:
    return f"{duration_s / _MINUTE_S:.1f} 分钟"
