"""What people call the things that ways lead by."""

from twin.index import SiteIndex
from twin.model.base import Text


class Names:
    """What people call stairs, doors and assembly points."""

    def __init__(self, index: SiteIndex) -> None:
        self._index = index
        self._known = {stair.id: stair.name for building in index.site.buildings for stair in building.stairs}
        self._known |= {feature.id: feature.name for feature in index.site.grounds}

    def __getitem__(self, name: str) -> Text:
        said = self._known.get(name, Text())
        opening = self._index.openings.get(name)
        if opening is not None:
            own, at = opening.template.name.fill(opening.storey.number), opening.storey.name
            zh, en = at.zh or opening.storey.id, at.en or opening.storey.id
            said = own if own.zh or own.en else Text(zh=f"{zh}出口", en=f"the exit on {en}")
        return said if said.zh or said.en else Text(zh=name, en=name)
