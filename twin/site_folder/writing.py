"""Writing a site folder: the same site always gives the same bytes."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from twin.errors import SiteFolderError
from twin.model.base import Model
from twin.model.networks import SiteNetwork
from twin.model.site import Site
from twin.site_folder.buildings import building_text
from twin.site_folder.features import GROUND_TYPES, ZONE_TYPES, collection_text, feature_text
from twin.site_folder.files import natural_key
from twin.site_folder.reading import LISTS, MAPS, SITE_FILE, TABLES
from twin.site_folder.tables import table_text
from twin.site_folder.yaml_text import dump


def write(site: Site, folder: Path) -> None:
    """Write a site as a folder; files of the format that it no longer needs are removed, others are left alone.

    Coordinates are written to the millimetre; all else is written as it is, so that reading gives the same site.

    Raises
    ------
    SiteFolderError
        If two objects would need the same file or the same line.
    """
    files = dict(_files(site))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        _replace(path, text.encode())
    for path in _owned(folder):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()


def _owned(folder: Path) -> Iterator[Path]:
    for name in (*MAPS, *LISTS, *TABLES):
        path = folder / name
        if path.is_file() or path.is_symlink():
            yield path
    yield from list((folder / "buildings").glob("*.geojson"))
    yield from list((folder / "networks").glob("*.inp"))
    yield from list((folder / "networks").glob("*.yaml"))


def _replace(path: Path, data: bytes) -> None:
    # a reader, or a power cut, sees the old file or the new one, never half of one
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o644)  # noqa: PTH101 - as a text editor would leave it; mkstemp gives 0600
        os.replace(name, path)  # noqa: PTH105 - a name, not a Path, comes from mkstemp
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise


def _files(site: Site) -> Iterator[tuple[str, str]]:
    _check_file_names(site)
    yield SITE_FILE, dump(_site_document(site))
    for building in site.buildings:
        yield f"buildings/{file_stem(building.id)}.geojson", building_text(building)
    for network in site.networks:
        stem = f"networks/{file_stem(network.id)}"
        yield f"{stem}.inp", network.inp
        yield f"{stem}.yaml", dump(_network_document(network))
    for file, (name, type_name) in MAPS.items():
        if things := getattr(site, name):
            kind = GROUND_TYPES[type_name] if type_name in GROUND_TYPES else ZONE_TYPES[type_name]
            yield file, collection_text(name, (feature_text(thing, type_name, kind) for thing in things))
    for file, (name, _) in LISTS.items():
        if things := getattr(site, name):
            yield file, dump({name: [_document(thing) for thing in things]})
    for file, (name, model) in TABLES.items():
        if things := getattr(site, name):
            yield file, table_text(things, model)


def _check_file_names(site: Site) -> None:
    for name, parts in (("building", site.buildings), ("network", site.networks)):
        ids = sorted(part.id for part in parts)
        if len(ids) != len(set(ids)):
            raise SiteFolderError(f"two {name}s of site {site.id} have the same id; rename one: {', '.join(ids)}")


def file_stem(object_id: str) -> str:
    """The file name of an id, without suffix; a ``/`` in it makes no folder.

    Examples
    --------
    >>> file_stem("tower-1/annex")
    'tower-1%2Fannex'
    """
    return quote(object_id, safe="")


def _document(thing: Model) -> dict[str, object]:
    return {key: _listed(value) for key, value in thing.model_dump(exclude_defaults=True).items()}


def _listed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def _site_document(site: Site) -> dict[str, object]:
    head = {name: getattr(site, name) for name in ("id", "name", "time_zone", "origin")}
    document: dict[str, object] = {"format": site.format, "id": site.id, "name": _document(site.name)}
    document |= {"languages": list(site.languages), "time_zone": head["time_zone"], "origin": _document(site.origin)}
    if tariffs := _document(site.tariffs):
        document["tariffs"] = tariffs
    for name, parts in (("buildings", site.buildings), ("networks", site.networks)):
        ids = [part.id for part in parts]
        if ids != sorted(ids, key=natural_key):
            document[name] = ids
    return document


def _network_document(network: SiteNetwork) -> dict[str, object]:
    ties = {
        name: {key: _document(tie) for key, tie in getattr(network, name).items()}
        for name in ("nodes", "links")
        if getattr(network, name)
    }
    return {"kind": network.kind, "name": _document(network.name), **ties}
