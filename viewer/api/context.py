"""How a route gets the site it speaks of: an argument ``served: ServedSite``; its runtime is ``served.runtime``."""

import datetime as dt
import logging
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Final

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from live_bindings.runtime import Runtime
from twin.errors import UnknownIdError
from twin.index import SiteIndex
from twin.leaks.outlook import Reach, Watched, reach, watch
from twin.model.base import ID_PATTERN
from twin.pipes.result import IsolationPlan
from twin.pipes.served import ServedNetwork, serve
from twin.state import StateSnapshot
from twin.wayfinding.network import Wayfinder
from viewer.documents.maps import site_map
from viewer.documents.pipes import Pipes
from viewer.documents.places import Places
from viewer.documents.search import SearchTable, search_table
from viewer.documents.site_index import site_index_document
from viewer.documents.things import Things
from viewer.payload import Payload
from viewer.remembered import Remembered
from viewer.scene import kept_scene_glb, scene_glb
from viewer.settings import Settings

log = logging.getLogger(__name__)

_DAY_S: Final = 86_400.0


@dataclass
class Served:
    """A live site with what is prepared of it for the pages: each made when first asked for, then kept."""

    runtime: Runtime
    settings: Settings
    plans: Remembered[IsolationPlan] = field(default_factory=lambda: Remembered(64), init=False, repr=False)
    """Shut-downs that were asked for, so that the notice and the plan say the same and one is worked out once."""
    _watched: Remembered[Watched] = field(default_factory=lambda: Remembered(8), init=False, repr=False)
    _reaches: Remembered[Reach] = field(default_factory=lambda: Remembered(32), init=False, repr=False)
    _scene_lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _networks: dict[str, ServedNetwork] = field(default_factory=dict, init=False, repr=False)

    @property
    def index(self) -> SiteIndex:
        """Ids and rows of the site."""
        return self.runtime.index

    def latest(self) -> StateSnapshot:
        """The latest value of every channel, as of now."""
        return self.runtime.state.snapshot(self.runtime.now_s())

    def network(self, network_id: str) -> ServedNetwork:
        """A network of the site, prepared when first asked for.

        Raises
        ------
        UnknownIdError
            If the site has no such network.
        """
        if network_id not in self._networks:  # two who ask at once prepare it twice, which harms nobody
            self._networks[network_id] = serve(self.index, network_id)
        return self._networks[network_id]

    def reach(self, network_id: str, size_m3_per_s: float, sensors: int) -> Reach:
        """What would be found of leaks of a size, with the noise of the site's last weeks; worked out once a day.

        Raises
        ------
        UnknownIdError, PipeQuestionError
            As `twin.leaks.outlook.watch`.
        """
        now_s = self.runtime.now_s()
        day = int(now_s // _DAY_S)
        now = dt.datetime.fromtimestamp(now_s, dt.UTC)
        watched = self._watched.get(
            (network_id, day),
            lambda: watch(self.index, network_id, lambda rows: self.runtime.leak_monitor.window_at(now, rows)),
        )
        key = (network_id, day, size_m3_per_s, sensors)
        return self._reaches.get(key, lambda: reach(watched, size_m3_per_s, next_sensors=sensors))

    @cached_property
    def ways(self) -> Wayfinder:
        """Ways on foot and by car; each graph is made when first asked for."""
        return Wayfinder(self.index)

    @cached_property
    def things(self) -> Things:
        """Names, places and points of everything."""
        return Things(Places(self.index), Pipes(self.index))

    @cached_property
    def search_table(self) -> SearchTable:
        """Words of everything."""
        return search_table(self.things)

    @cached_property
    def site_index(self) -> Payload:
        """The index document."""
        return Payload.of(site_index_document(self.things.places), "application/json")

    @cached_property
    def site_map(self) -> Payload:
        """The outdoor map."""
        return Payload.of(site_map(self.things), "application/geo+json")

    @property
    def scene(self) -> Payload:
        """The estate as binary glTF; who asks while it is made waits for it."""
        with self._scene_lock:
            return self._scene

    @cached_property
    def _scene(self) -> Payload:
        folder = self.settings.cache_folder
        made = scene_glb(self.index) if folder is None else kept_scene_glb(self.index, folder)
        return Payload.of(made, "model/gltf-binary")

    def prepare(self) -> None:
        """Make now what the first page would wait for."""
        packed_bytes = sum(len(document.packed) for document in (self.site_index, self.scene, self.site_map))
        log.info("pages are prepared: %d things to find, %d bytes to send", len(self.search_table.ids), packed_bytes)


def all_served(connection: HTTPConnection) -> dict[str, Served]:
    """Every site of this server by its id."""
    sites: dict[str, Served] = connection.app.state.sites
    return sites


def served(site_id: Annotated[str, Path(pattern=ID_PATTERN)], connection: HTTPConnection) -> Served:
    """The site a request names.

    Raises
    ------
    UnknownIdError
        If this server has no such site.
    """
    sites = all_served(connection)
    try:
        return sites[site_id]
    except KeyError:
        raise UnknownIdError("site", site_id, sites) from None


ServedSite = Annotated[Served, Depends(served)]
