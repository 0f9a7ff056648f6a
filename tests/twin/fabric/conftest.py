"""The sample estate."""

from pathlib import Path

import pytest

from twin.index import SiteIndex, build
from twin.site_folder import read

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def riverside() -> SiteIndex:
    return build(read(ROOT / "sample_sites" / "riverside"))
