"""The estate as a GLB: one file that holds everything of the scene but the devices, which the page draws itself."""

import hashlib
import logging
import time
from pathlib import Path
from typing import Final

from twin.index import SiteIndex
from viewer.scene.buildings import add_buildings
from viewer.scene.gltf import GlbWriter
from viewer.scene.grounds import add_grounds
from viewer.scene.objects import ObjectTable
from viewer.scene.pipes import add_pipes

SCENE_FORMAT: Final = 1
"""Of the file; the page refuses another."""

_log = logging.getLogger(__name__)


def scene_glb(index: SiteIndex) -> bytes:
    """The scene of a site as binary glTF.

    Its `asset.extras` hold the object table (``objects``: columns ``type``, ``id``, ``parent``), the format and the
    index version. The same site always gives the same bytes.
    """
    writer, table = GlbWriter(), ObjectTable()
    add_buildings(index, writer, table)
    add_grounds(index, writer, table)
    add_pipes(index, writer, table)
    extras = {"format": SCENE_FORMAT, "site": index.site.id, "objects": table.document()}
    return writer.to_bytes(extras)


def kept_scene_glb(index: SiteIndex, folder: Path) -> bytes:
    """The scene of a site, kept in a folder by the content of the site; older ones there are removed.

    Parameters
    ----------
    folder
        Made if it is not there.
    """
    site = index.site
    drawn = site.model_dump_json(include={"buildings", "grounds", "networks"})
    digest = hashlib.sha256(drawn.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())  # a scene drawn otherwise is another scene
    stem = site.id.replace("/", "_")
    file = folder / f"scene-{stem}-{digest.hexdigest()[:20]}.glb"
    if file.is_file():
        return file.read_bytes()
    started_s = time.perf_counter()
    made = scene_glb(index)
    _log.info("made the scene of %s: %d bytes in %.1f s", site.id, len(made), time.perf_counter() - started_s)
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(made)
    part.replace(file)
    for old in folder.glob(f"scene-{stem}-*.glb"):
        if old != file:
            old.unlink(missing_ok=True)
    return made
