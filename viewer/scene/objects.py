"""The object table: a row for all that can be selected by itself."""

from dataclasses import dataclass, field
from typing import Any, Final

OBJECT_TYPES: Final = ("building", "storey", "space", "ground", "pipe", "node")


@dataclass
class ObjectTable:
    """Rows of objects in the order they were added; a storey's spaces follow it directly."""

    _types: list[int] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)
    _parents: list[int] = field(default_factory=list)

    def add(self, kind: str, object_id: str, parent: int = -1) -> int:
        """The row of a new object."""
        self._types.append(OBJECT_TYPES.index(kind))
        self._ids.append(object_id)
        self._parents.append(parent)
        return len(self._ids) - 1

    def document(self) -> dict[str, Any]:
        """The table in columns, as it is written to the file."""
        return {"types": list(OBJECT_TYPES), "type": self._types, "id": self._ids, "parent": self._parents}
