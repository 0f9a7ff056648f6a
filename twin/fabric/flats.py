"""Which flat a space belongs to: what is private to its household."""

from twin.index import SiteIndex


def flat_of(index: SiteIndex, space_id: str | None) -> str | None:
    """The flat a space is, or is part of; none where it is of no flat, or no space."""
    seen: set[str] = set()
    while space_id is not None and space_id in index.spaces and space_id not in seen:
        if index.spaces[space_id].template.use == "flat":
            return space_id
        seen.add(space_id)
        space_id = index.spaces[space_id].parent
    return None
