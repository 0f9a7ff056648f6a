"""Listening, owning the data folder, children that end with us."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from viewer import child, service
from viewer.data_folder import DataFolderError, claimed

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


def test_a_data_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    refused = pytest.raises(DataFolderError, match="another Plumbline")
    with claimed(tmp_path / "data") as folder, refused, claimed(folder):
        pass
    with claimed(tmp_path / "data"):
        pass  # free again


def test_a_killed_owner_leaves_its_data_folder_free(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from viewer.data_folder import claimed\n"
        "with claimed(pathlib.Path(sys.argv[1])):\n    print('mine', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"mine\n"
        with pytest.raises(DataFolderError), claimed(tmp_path):
            pass
        owner.kill()
    with claimed(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataFolderError, match="--data"), claimed(tmp_path / "file" / "data"):
        pass


def test_a_child_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with child.running(["--help"], name="help") as process:
        seen = psutil.Process(process.pid)
    assert process.returncode is not None
    assert not seen.is_running()
