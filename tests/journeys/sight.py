"""What a test sees of a page: its picture in pixels, its requests, its complaints, the place of its things."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

Box = tuple[float, float, float, float]
"""Left, top, right, bottom. [CSS px]"""
Image = NDArray[np.int16]
"""(height, width, 3) red, green, blue."""

WAIT_MS = 20_000

_DECODE = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let text = "";
  for (let k = 0; k < data.length; k += 32768) text += String.fromCharCode(...data.subarray(k, k + 32768));
  return [image.width, image.height, btoa(text)];
}"""


@dataclass
class Heard:
    """What a context's pages asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Note every request, socket, error and message of the console."""
        context.on("request", lambda r: self.requests.append(r.url))
        context.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        context.on("page", lambda p: p.on("websocket", lambda s: self.requests.append(s.url)))

    def hosts(self) -> set[str]:
        """Hosts of all requests; data and blob addresses stay in the page."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}


@dataclass
class Sight:
    """A page of the demo and what can be seen of it."""

    page: Page
    darkroom: Page
    """An empty page that unpacks pictures."""

    def open(self, url: str) -> None:
        """Go to a page and wait until it shows what it was asked for."""
        self.page.goto(url, wait_until="commit")
        self.page.wait_for_selector("html[data-ready=true]", state="attached", timeout=WAIT_MS)

    def until(self, condition: str, timeout_ms: float = WAIT_MS) -> Any:  # noqa: ANN401 - whatever the page answers
        """Wait until an expression of the page is true, and its value.

        The page's policy forbids evaluating strings in it later on, so that the loop is part of the one evaluation.
        """
        return self.page.evaluate(
            f"""() => new Promise((done, fail) => {{
              const end = performance.now() + {timeout_ms};
              const look = () => {{
                const value = ({condition});
                if (value) done(value);
                else if (performance.now() > end) fail(new Error({json.dumps(condition)} + " stays false"));
                else setTimeout(look, 30);
              }};
              look();
            }})"""
        )

    def until_still(self) -> None:
        """Wait until the camera stands and nothing is drawn any more but what the feed brings."""
        self.page.evaluate(
            f"""() => new Promise((done, fail) => {{
              const end = performance.now() + {WAIT_MS};
              const place = () => JSON.stringify(window.plumbline.scene.camera_m);
              let before = place(), calm = 0;
              const look = () => {{
                const now = place();
                calm = now === before ? calm + 1 : 0;
                before = now;
                if (calm >= 4) done(null);
                else if (performance.now() > end) fail(new Error("the camera never stands still"));
                else setTimeout(() => requestAnimationFrame(look), 60);
              }};
              look();
            }})"""
        )

    def device_point_m(self, device: str) -> list[float]:
        """Where a device is in the site frame. [m]"""
        point: list[float] = self.page.evaluate(
            "(id) => { const { index } = window.plumbline.store;"
            " return [...index.value.point(index.value.position.get(id))]; }",
            device,
        )
        return point

    def project(self, point_m: list[float]) -> tuple[float, float, bool]:
        """Where a point of the site frame is on the page, and whether it is in sight."""
        at = self.page.evaluate("(p) => window.plumbline.scene.project(p)", point_m)
        return at["x"], at["y"], at["visible"]

    def box_of(self, points_m: list[list[float]], margin_px: float = 0.0) -> Box:
        """The part of the page that these points take up."""
        at = np.array([self.project(p)[:2] for p in points_m])
        (left, top), (right, bottom) = at.min(axis=0) - margin_px, at.max(axis=0) + margin_px
        return left, top, right, bottom

    def show_scene_alone(self, *, hidden: str = ".scene-labels") -> None:
        """Hide what lies over the 3D view, so that its pixels are its own."""
        self.page.evaluate(
            "(what) => { for (const e of document.querySelectorAll(what)) e.style.visibility = 'hidden'; }", hidden
        )

    def picture(self, clip: Box | None = None) -> Image:
        """The page, or a part of it, in pixels."""
        area = None
        if clip is not None:
            left, top, right, bottom = clip
            area = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        png = self.page.screenshot(clip=area)  # type: ignore[arg-type]  # a dict of these four is a FloatRect
        width, height, data = self.darkroom.evaluate(_DECODE, base64.b64encode(png).decode())
        pixels = np.frombuffer(base64.b64decode(data), dtype=np.uint8).reshape(height, width, 4)
        return pixels[:, :, :3].astype(np.int16)


def differing(a: Image, b: Image, *, by: int = 24) -> NDArray[np.bool_]:
    """(height, width), which pixels differ by more than that in a channel."""
    found: NDArray[np.bool_] = np.abs(a - b).max(axis=2) > by
    return found


def within(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    """The part of a picture's mask that lies in a box."""
    left, top, right, bottom = (round(max(0.0, v)) for v in box)
    return mask[top:bottom, left:right]
