"""Listening, children that end with us."""

from pathlib import Path

import psutil
import pytest

from viewer import child, service

ROOT = Path(__file__).parents[2]


def test_port_0_takes_a_free_one() -> None:
    with service.listen("127.0.0.1", 0) as one, service.listen("127.0.0.1", 0) as other:
        assert service.address(one) != service.address(other)
        assert service.address(one).startswith("http://127.0.0.1:")


def test_a_taken_port_is_said_with_its_cure() -> None:
    with service.listen("127.0.0.1", 0) as one:
        port = one.getsockname()[1]
        with pytest.raises(service.ListenError, match=f"{port}.*--port"):
            service.listen("127.0.0.1", port)


def test_a_child_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with child.running(["--help"], name="help") as process:
        seen = psutil.Process(process.pid)
    assert process.returncode is not None
    assert not seen.is_running()
