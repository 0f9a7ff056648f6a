"""What the simulator can strike and what a page can select are called the same."""

from pathlib import Path

import sample_sites
from sample_sites.simulator.incidents import Effects, catalog, start_inplace, stop_inplace
from twin.index import build
from twin.site_folder import read
from viewer.documents.pipes import Pipes
from viewer.documents.places import Places
from viewer.documents.things import Things

TYPES = {"pipe": "pipe", "flat": "space", "storey": "storey"}


def test_every_target_of_an_incident_is_a_thing_of_the_site() -> None:
    index = build(read(Path(sample_sites.__file__).parent / "riverside"))
    things = Things(Places(index), Pipes(index))
    entries = catalog(index)
    assert len(entries) >= 10
    for entry in entries:
        targets, examples = str(entry["targets"]), entry["examples"]
        assert isinstance(examples, list)
        assert examples
        for target in examples:
            kind = "device" if targets.startswith("device:") else TYPES[targets]
            assert things.get(kind, target).id == target
            effects = Effects()
            assert start_inplace(effects, index, str(entry["kind"]), target, 0.0) == target
            stop_inplace(effects, str(entry["kind"]), target)
            assert effects == Effects()
