"""What a planner sees: a camera is turned by a key, and the floors have their new colours in a real browser."""

import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from viewer.bench.figures import Figure, Goal
from viewer.bench.live import running
from viewer.errors import MissingPartError
from viewer.stills import ARGUMENTS, browser_path

Tell = Callable[[str], None]
_TURNS: Final = 60
_WAIT_MS: Final = 60_000
_CAMERA: Final = "cam-lane-1-w"

# from the event to the frame after the one that draws the new cells, when the browser has that one
_TURN: Final = """() => new Promise((done, fail) => {
  const name = "plumbline:coverage-drawn";
  performance.clearMarks(name);
  const dial = document.querySelector(".dial");
  const began = performance.now();
  dial.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
  const look = () => {
    const [mark] = performance.getEntriesByName(name);
    if (mark !== undefined) requestAnimationFrame(() => done([mark.startTime - began, performance.now() - began]));
    else if (performance.now() - began > 10000) fail(new Error("no cells are drawn within 10 s"));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def figures(*, quick: bool, tell: Tell, seed: int = 1) -> Iterator[Figure]:
    """Times from turning a camera to its cells in the picture, on the sample estate; none where no browser is."""
    del seed  # a camera is turned degree by degree, nothing is drawn by lot
    try:
        program = browser_path()
        _needs_pages()
        spent_ms = _turned(program, _TURNS // (4 if quick else 1), tell)
    except (MissingPartError, ImportError) as error:
        yield Figure(f"no browser here, so not measured: {error}", "count", 1)
        return
    until, drawn = np.array(spent_ms).T
    yield Figure(
        "browser: camera turned until its cells are drawn next, half of the times", "ms", float(np.median(until))
    )
    yield Figure("browser: the same, 95 of 100 times", "ms", float(np.quantile(until, 0.95)), Goal("<=", 100.0))
    yield Figure("browser: and until that picture is there, half of the times", "ms", float(np.median(drawn)))
    yield Figure("browser: of it the drawing, which a graphics card takes over", "ms", float(np.median(drawn - until)))


def _needs_pages() -> None:
    if not files("viewer").joinpath("static/index.html").is_file():
        raise MissingPartError("the pages are not built; build them with: python viewer/build_hook.py run build")


def _turned(program: str, times: int, tell: Tell) -> list[tuple[float, float]]:
    """Each time a camera of the live page is turned by a degree: until its cells are drawn next, and drawn. [ms]"""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not on every machine

    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "demo", "demo", "--no-browser") as live,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page.set_default_timeout(_WAIT_MS)
        tell("the page")
        page.goto(f"{live.url}?quality=low", wait_until="commit")
        page.wait_for_selector("html[data-ready=true]", state="attached")
        page.get_by_role("tab", name="Coverage").click()
        page.locator(".cover-row").first.wait_for()
        page.evaluate(f"window.plumbline.store.select({{ type: 'device', id: '{_CAMERA}' }})")
        page.locator(".camera-picture img").wait_for()
        tell("a camera turned")
        _, *spent_ms = [tuple(page.evaluate(_TURN)) for _ in range(times + 1)]  # the first time nothing is warm
        browser.close()
    return spent_ms
