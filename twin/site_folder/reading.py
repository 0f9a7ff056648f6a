"""Reading a site folder: everything that can be read, and every fault of what cannot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote

from twin.errors import SiteFolderError
from twin.model.base import Model, Text
from twin.model.buildings import Building
from twin.model.cameras import CameraModel
from twin.model.devices import Device, DeviceKind
from twin.model.grounds import Requirement
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.model.radiators import AccessPointModel, Ceiling, CoverageValue, LoudspeakerModel, LuminaireModel
from twin.model.registers import Household, StaffMember
from twin.model.rules import Binding, Rule
from twin.model.site import Origin, Site
from twin.site_folder.buildings import building_of
from twin.site_folder.documents import document, object_of, objects_of, only_keys
from twin.site_folder.features import GROUND_TYPES, ZONE_TYPES, FeatureType, features_of, model_of
from twin.site_folder.files import FolderReader, natural_key
from twin.site_folder.issues import IssueList, SiteIssue
from twin.site_folder.tables import rows_of
from twin.site_folder.yaml_text import Document

M = TypeVar("M", bound=Model)

TABLES: Final[Mapping[str, tuple[str, type[Model]]]] = {
    "devices.csv": ("devices", Device),
    "households.csv": ("households", Household),
    "staff.csv": ("staff", StaffMember),
}
LISTS: Final[Mapping[str, tuple[str, type[Model]]]] = {
    "requirements.yaml": ("requirements", Requirement),
    "kinds.yaml": ("kinds", DeviceKind),
    "camera-models.yaml": ("camera_models", CameraModel),
    "loudspeaker-models.yaml": ("loudspeaker_models", LoudspeakerModel),
    "access-point-models.yaml": ("access_point_models", AccessPointModel),
    "luminaire-models.yaml": ("luminaire_models", LuminaireModel),
    "ceilings.yaml": ("ceilings", Ceiling),
    "coverage.yaml": ("coverage_values", CoverageValue),
    "bindings.yaml": ("bindings", Binding),
    "rules.yaml": ("rules", Rule),
}
MAPS: Final[Mapping[str, tuple[str, str]]] = {
    "grounds.geojson": ("grounds", "ground"),
    "zones.geojson": ("zones", "zone"),
}
SITE_FILE: Final = "site.yaml"
SITE_KEYS: Final = ("format", "id", "name", "languages", "time_zone", "origin", "tariffs", "buildings", "networks")
"""Of `site.yaml`; `buildings` and `networks` are optional lists of ids that give their order."""
PLACEHOLDER: Final = Site(id="unread", name=Text(), origin=Origin(lon_deg=0, lat_deg=0))
"""Head of a site whose own could not be read."""
NETWORK_KEYS: Final = ("kind", "name", "nodes", "links")


@dataclass(frozen=True)
class Loaded:
    """What could be read of a folder, and what was wrong.

    Attributes
    ----------
    site : Site or None
        The site; none if anything was wrong with the files.
    issues : tuple of SiteIssue
        Every fault found in reading (for those of meaning see `twin.validation`).
    readable : Site or None
        The site without what is faulty, for checking the rest; none if there is no folder. If `site.yaml` is faulty,
        its head is that of `PLACEHOLDER`.
    lines : mapping
        Line of an object by file and id, where files have lines (YAML, CSV).
    broken_ids : frozenset of str
        Ids of objects left out of `readable`, so that nothing pointing to them is called a second fault.
    unread : frozenset of str
        Fields of `Site` of which a whole file could not be read.
    """

    issues: tuple[SiteIssue, ...]
    readable: Site | None = None
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    broken_ids: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    @property
    def site(self) -> Site | None:
        """The site, if nothing at all was wrong with its files."""
        return None if self.issues else self.readable

    def counts(self) -> dict[str, int]:
        """How much of each was read; storeys, spaces and openings as they stand on the ground."""
        site = self.readable
        if site is None:
            return {}
        storeys = [storey for building in site.buildings for storey in building.storeys]
        channels = {kind.id: len(kind.channels) for kind in site.kinds}
        return {
            "buildings": len(site.buildings),
            "storeys": sum(len(storey.numbers) for storey in storeys),
            "spaces": sum(len(storey.numbers) * len(storey.spaces) for storey in storeys),
            "openings": sum(len(storey.numbers) * len(storey.openings) for storey in storeys),
            "devices": len(site.devices),
            "channels": sum(channels.get(device.kind, 0) for device in site.devices),
            "networks": len(site.networks),
            "households": len(site.households),
            "bindings": len(site.bindings),
            "rules": len(site.rules),
        }


def read(folder: Path) -> Site:
    """The site of a folder.

    Raises
    ------
    SiteFolderError
        If anything in it cannot be read; it lists the first faults. `load` gives them all.
    """
    loaded = load(folder)
    if loaded.site is None:
        shown = "\n".join(f"  {issue}" for issue in loaded.issues[:10])
        raise SiteFolderError(f"{folder}: {len(loaded.issues)} faults; `plumbline check` lists all:\n{shown}")
    return loaded.site


def load(folder: Path) -> Loaded:
    """What can be read of a site folder with every fault of the rest; it never raises for what it finds there."""
    issues = IssueList()
    try:
        is_folder = folder.is_dir()
        names = sorted(path.name for path in folder.iterdir()) if is_folder else []
    except (OSError, ValueError) as error:
        issues.add("unreadable", ".", f"{folder} cannot be read: {error}.", "Make it a folder that you may read.")
        return Loaded(issues.all())
    if not is_folder:
        issues.add("no-folder", ".", f"There is no folder {folder}.", "Name the folder that holds site.yaml.")
        return Loaded(issues.all())
    return _Loading(FolderReader(folder, issues), issues, names).load()


class _Loading:
    """One reading of a folder."""

    def __init__(self, reader: FolderReader, issues: IssueList, names: Sequence[str]) -> None:
        self.reader, self.issues, self.names = reader, issues, names
        self.lines: dict[tuple[str, str], int] = {}
        self.broken: set[str] = set()
        self.unread: set[str] = set()

    def load(self) -> Loaded:
        made = self._site_document()
        parts: dict[str, tuple[Model, ...]] = {}
        parts["buildings"] = self._buildings()
        parts["networks"] = self._networks()
        parts["grounds"] = self._features("grounds.geojson", "grounds", GROUND_TYPES)
        parts["zones"] = self._features("zones.geojson", "zones", ZONE_TYPES)
        for file, (name, model) in LISTS.items():
            parts[name] = self._list(file, name, model)
        for file, (name, model) in TABLES.items():
            parts[name] = self._table(file, name, model)
        self._misspelt_files()
        site = self._site(made, parts)
        return Loaded(self.issues.all(), site, self.lines, frozenset(self.broken), frozenset(self.unread))

    def _site_document(self) -> Document | None:
        if self.reader.exists(SITE_FILE):
            return document(self.reader, SITE_FILE)
        self.issues.add("missing-file", SITE_FILE, "It is not there.", "Write it: format, id, name, time_zone, origin.")
        return None

    def _site(self, made: Document | None, parts: dict[str, tuple[Model, ...]]) -> Site:
        if made is None:  # which was noted
            self.unread.add("site")
            return PLACEHOLDER.model_copy(update=parts)
        self.lines |= {(SITE_FILE, str(path[0])): line for path, line in made.lines.items() if len(path) == 1}
        top = only_keys(made, SITE_FILE, SITE_KEYS, self.issues)
        for name in ("buildings", "networks"):
            parts[name] = self._ordered(made, name, top.pop(name, None), parts[name])
        for name in ("format", "languages"):
            if name in top and top[name] is None:
                del top[name]
        head = object_of(made, SITE_FILE, (), top, Site, self.issues)
        if head is None:
            self.unread.add("site")
            head = PLACEHOLDER
        # the parts were validated as they were read, so copying validates nothing twice
        return head.model_copy(update=parts)

    def _ordered(self, made: Document, name: str, order: object, parts: tuple[Model, ...]) -> tuple[Model, ...]:
        if order is None:
            return parts
        by_id = {part.id: part for part in parts}  # type: ignore[attr-defined]
        listed = [str(i) for i in order] if isinstance(order, list) else []
        if sorted(listed) != sorted(by_id) and name not in self.unread and not self.broken & set(listed):
            message = f"{name} lists other ids than the files in {name}/ have."
            cure = "List each once, or remove the list for the order of their names."
            self.issues.add("wrong-order", SITE_FILE, message, cure, place=f"line {made.line((name,))}")
        place = {object_id: k for k, object_id in enumerate(listed)}
        return tuple(sorted(parts, key=lambda part: place.get(part.id, len(place))))  # type: ignore[attr-defined]

    def _whole_file(self, file: str, name: str, read: Callable[[], Iterator[M | None]]) -> tuple[M, ...]:
        before = self.issues.whole_file_faults(file)
        found = tuple(thing for thing in read() if thing is not None)
        if self.issues.whole_file_faults(file) > before:
            self.unread.add(name)
        return found

    def _files_in(self, subfolder: str, *suffixes: str) -> list[str]:
        names = self.reader.names(subfolder, *suffixes)
        if self.issues.whole_file_faults(subfolder):
            self.unread.add(subfolder)
        return names

    def _buildings(self) -> tuple[Building, ...]:
        found: list[Building] = []
        for file in self._files_in("buildings", ".geojson"):
            text = self.reader.text(file)
            building = None if text is None else building_of(text, file, self.issues, self.broken)
            if building is None or self.issues.whole_file_faults(file):
                self.unread.add("buildings")
            if building is not None and self._is_named(file, building.id):
                found.append(building)
        return tuple(sorted(found, key=lambda building: natural_key(building.id)))

    def _is_named(self, file: str, object_id: str) -> bool:
        stem = unquote(Path(file).stem)
        if stem != object_id:
            message = f"The file is named {stem[:120]} but holds {object_id}."
            self.issues.add("file-name", file, message, "Rename the one or the other.", object_ids=[object_id])
        return stem == object_id

    def _features(self, file: str, name: str, types: Mapping[str, FeatureType]) -> tuple[Model, ...]:
        def read() -> Iterator[Model | None]:
            text = self.reader.text(file)
            for feature in features_of(text, file, types, self.issues) if text is not None else ():
                kind = types[feature.type]
                made = model_of(feature, file, kind, kind.model, self.issues)
                if made is None:
                    self.broken.add(feature.id)
                yield made

        return self._whole_file(file, name, read) if self.reader.exists(file) else ()

    def _noted(self, file: str, found: Iterator[tuple[int, str, M | None]]) -> Iterator[M | None]:
        for line, object_id, made in found:
            self.lines.setdefault((file, object_id), line)
            if made is None:
                self.broken.add(object_id)
            yield made

    def _list(self, file: str, name: str, model: type[Model]) -> tuple[Model, ...]:
        def read() -> Iterator[Model | None]:
            made = document(self.reader, file)
            if made is not None:
                yield from self._noted(file, objects_of(made, file, name, model, self.issues))

        return self._whole_file(file, name, read) if self.reader.exists(file) else ()

    def _table(self, file: str, name: str, model: type[Model]) -> tuple[Model, ...]:
        def read() -> Iterator[Model | None]:
            text = self.reader.text(file)
            if text is not None:
                yield from self._noted(file, rows_of(text, file, model, self.issues))

        return self._whole_file(file, name, read) if self.reader.exists(file) else ()

    def _networks(self) -> tuple[SiteNetwork, ...]:
        stems = {name.rsplit(".", 1)[0]: None for name in self._files_in("networks", ".inp", ".yaml")}
        found = [network for stem in stems if (network := self._network(stem)) is not None]
        if len(found) < len(stems):
            self.unread.add("networks")
        return tuple(sorted(found, key=lambda network: natural_key(network.id)))

    def _network(self, stem: str) -> SiteNetwork | None:
        inp, ties = f"{stem}.inp", f"{stem}.yaml"
        for file, other, cure in (
            (inp, ties, "Add it, or remove the ties."),
            (ties, inp, "Add it with at least `kind: domestic_water` (or another kind)."),
        ):
            if not self.reader.exists(file):
                self.issues.add("missing-file", file, f"It is not there, but {other} is.", cure)
                return None
        made, text = document(self.reader, ties), self.reader.text(inp)
        if made is None or text is None:
            return None
        data = only_keys(made, ties, NETWORK_KEYS, self.issues)
        for name, model in (("nodes", NodeTie), ("links", LinkTie)):
            data[name] = self._ties(made, ties, name, data.get(name), model)
        network_id = unquote(Path(stem).name)
        return object_of(made, ties, (), {"id": network_id, "inp": text, **data}, SiteNetwork, self.issues)

    def _ties(self, made: Document, file: str, name: str, given: object, model: type[Model]) -> dict[str, Model]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            place = f"line {made.line((name,))}"
            self.issues.add("wrong-type", file, f"{name} is no map.", "Write ID: {...} for each.", place=place)
            return {}
        ties: dict[str, Model] = {}
        for key, item in given.items():
            self.lines[file, f"{name}/{key}"] = made.line((name, key))
            tie = object_of(made, file, (name, key), {} if item is None else item, model, self.issues)
            if tie is not None:
                ties[key] = tie
        return ties

    def _misspelt_files(self) -> None:
        known = {SITE_FILE, *MAPS, *LISTS, *TABLES, "buildings", "networks"}
        for name in self.names:
            wanted = _MISSPELT.get(name.lower().rsplit(".", 1)[0])
            if name not in known and wanted and not self.reader.exists(wanted):
                message = f"{name[:120]} is not read."
                self.issues.add("misspelt-file", name, message, f"Rename it to {wanted}, or move it away.")


_MISSPELT: Final = {
    form: name
    for name in (SITE_FILE, *MAPS, *LISTS, *TABLES, "buildings", "networks")
    for stem in [name.split(".")[0]]
    for form in (stem, stem.removesuffix("s"), f"{stem}s")
}
