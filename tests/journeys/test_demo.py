"""The demo without a browser: its devices report, move, and show what goes wrong at once."""

from viewer.bench.live import LiveSite, watching


def test_demo_has_its_devices_live_and_shows_an_incident_at_once(demo: LiveSite) -> None:
    with watching(demo, "riverside") as watcher:
        assert len(watcher.devices) >= 1500

        def reporting() -> bool:
            watcher.take(1.0)
            return watcher.good_devices() >= 1500

        demo.wait_for(reporting, 60.0, "1,500 devices reporting")
        assert len(watcher.changed_devices(10.0)) >= 50
        command: dict[str, object] = {"incident": "camera_dies", "target": "cam-data", "actor": "huang-wei"}
        demo.post("sites/riverside/simulator/commands", {"action": "start", **command})
        try:
            took_s = watcher.first_change_s("cam-data", timeout_s=10.0)
        finally:
            demo.post("sites/riverside/simulator/commands", {"action": "stop", **command})
        assert took_s is not None
        assert took_s <= 2.0
    counters = demo.get("sites/riverside/ingest")
    assert counters["rejected"] == 0
    assert counters["unknown_topic"] == 0
    assert demo.memory_bytes() < 400e6
