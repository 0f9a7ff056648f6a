"""Pictures of pages, by a real browser."""

import http.server
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewer.errors import MissingPartError
from viewer.stills import PageError, browser_path, page_still

PAGES = {
    "/ready": "<html data-ready='true'><body style='background:#123456'>ready</body></html>",
    "/slow": "<html><script>setTimeout(() => document.documentElement.dataset.ready = 'true', 200)</script></html>",
    "/never": "<html></html>",
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path.partition("?")[0], "").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def pages() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/ready", "/slow"])
def test_a_page_is_taken_once_it_is_ready(pages: str, path: str, tmp_path: Path) -> None:
    pytest.importorskip("playwright", reason="needs the browser extra: pip install 'plumbline-twin[browser]'")
    out = tmp_path / "new" / "page.png"
    page_still(pages + path, out, size=(390, 844))
    assert png_size(out) == (390, 844)


@pytest.mark.browser
def test_a_page_that_never_is_ready_gives_no_picture(pages: str, tmp_path: Path) -> None:
    pytest.importorskip("playwright", reason="needs the browser extra: pip install 'plumbline-twin[browser]'")
    out = tmp_path / "page.png"
    with pytest.raises(PageError, match="/never"):
        page_still(f"{pages}/never", out, timeout_s=1.0)
    assert not out.exists()


def test_only_addresses_of_pages_are_opened(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="file://"):
        page_still("file:///etc/hostname", tmp_path / "x.png")


def test_a_missing_browser_is_said_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_BROWSER", "no-such-browser")
    with pytest.raises(MissingPartError, match="no-such-browser"):
        browser_path()
