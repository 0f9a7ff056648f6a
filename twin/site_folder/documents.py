"""The YAML files: read element by element, so that one broken element does not hide the others."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import ValidationError

from twin.model.base import Model
from twin.site_folder.faults import faults
from twin.site_folder.files import YAML_LIMIT_BYTES, FolderReader
from twin.site_folder.issues import IssueList
from twin.site_folder.yaml_text import Document, Path, YamlError, parse

M = TypeVar("M", bound=Model)


def document(reader: FolderReader, file: str) -> Document | None:
    """What a YAML file says if it is a map; otherwise none, with an issue noted."""
    text = reader.text(file, limit_bytes=YAML_LIMIT_BYTES)
    if text is None:
        return None
    issues = reader.issues
    try:
        made = parse(text)
    except YamlError as error:
        issues.add(error.code, file, str(error), error.cure, place=f"line {error.line}")
        return None
    if not isinstance(made.data, dict):
        issues.add("not-a-map", file, "It is no map of names to values.", "Begin with a name and a colon.")
        return None
    for path, key, line in made.duplicates:
        message = f"{'.'.join(str(p) for p in (*path, key))} is given twice."
        issues.add("duplicate-key", file, message[:300], "Remove one.", place=f"line {line}")
    return made


def only_keys(made: Document, file: str, known: Sequence[str], issues: IssueList) -> dict[str, object]:
    """The known keys of a document's top; the others are noted."""
    data = made.data if isinstance(made.data, dict) else {}
    for key in data.keys() - set(known):
        cure = f"Remove it; known are {', '.join(known)}."
        place = f"line {made.line((key,))}"
        issues.add("unknown-field", file, f"{key[:60]} is not known here.", cure, place=place)
    return {key: value for key, value in data.items() if key in known}


def objects_of(
    made: Document, file: str, key: str, model: type[M], issues: IssueList
) -> Iterator[tuple[int, str, M | None]]:
    """Line, id and object of each element of the list under `key`; none where it is faulty, which is noted."""
    listed = only_keys(made, file, (key,), issues).get(key, [])
    if not isinstance(listed, list):
        place = f"line {made.line((key,))}"
        issues.add("wrong-type", file, f"{key} is no list.", "Begin each element with '- '.", place=place)
        return
    for position, item in enumerate(listed):
        path: Path = (key, position)
        object_id = str(item.get("id", ""))[:120] if isinstance(item, dict) else ""
        yield made.line(path), object_id, object_of(made, file, path, item, model, issues)


def object_of(made: Document, file: str, path: Path, item: object, model: type[M], issues: IssueList) -> M | None:
    """One object of a document, or none with its faults noted."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        ids = [str(item["id"])[:120]] if isinstance(item, dict) and item.get("id") else []
        for fault in faults(error, model):
            place = f"line {made.line((*path, *fault.path))}"
            issues.add(fault.code, file, fault.message, fault.cure, place=place, object_ids=ids)
        return None
