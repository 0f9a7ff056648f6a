"""Thirty towers still open, and are drawn from afar in few calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import OpenPage
from viewer.bench.live import running


@pytest.mark.browser
@pytest.mark.slow
def test_far_view_of_thirty_towers_takes_few_draw_calls(tmp_path: Path, open_page: OpenPage) -> None:
    site = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "viewer", "generate", str(site), "--towers", "30"], check=True)
    with running(tmp_path / "data", "serve", str(site)) as live:
        sight = open_page(live.url)
        sight.until_still()
        stats = sight.page.evaluate("window.plumbline.scene.stats()")
        assert stats["devices"] >= 7500
        assert stats["devices_shown"] == stats["devices"]
        assert 0 < stats["draw_calls"] <= 20
        sight.page.context.close()  # before its server ends
