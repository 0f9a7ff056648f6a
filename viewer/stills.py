"""Pictures of pages, taken by a browser that is installed on this machine."""

import os
import shutil
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from viewer.errors import MissingPartError, ViewerError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ARGUMENTS: Final = (
    "--no-sandbox",  # a container has no user namespaces; only our own pages are opened
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
)
READY: Final = "document.documentElement.dataset.ready === 'true'"
"""The page says so itself once it shows what it was asked for."""


class PageError(ViewerError, RuntimeError):
    """A page that could not be opened or never became ready."""


def browser_path() -> str:
    """The browser to use: ``PLUMBLINE_BROWSER``, else the first Chromium or Chrome found.

    Raises
    ------
    MissingPartError
        If there is none.
    """
    named = os.environ.get("PLUMBLINE_BROWSER")
    for candidate in (named,) if named else BROWSERS:
        found = shutil.which(candidate)
        if found is not None:
            return found
    raise MissingPartError(
        f"no browser {named or 'Chromium or Chrome'} on this machine. Install one (Debian: apt install chromium), or "
        "name it in PLUMBLINE_BROWSER"
    )


def page_still(
    url: str,
    out: Path,
    *,
    size: tuple[int, int] = (1440, 900),
    language: str = "en",
    theme: str = "light",
    timeout_s: float = 60.0,
) -> None:
    """Write a PNG of the page at `url` once it is ready.

    Parameters
    ----------
    size
        Width and height in CSS pixels.

    Raises
    ------
    MissingPartError
        If Playwright or a browser is not installed.
    PageError
        If the page cannot be opened or is not ready in time.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise PageError(f"{url!r} is no address of a page: it starts with http:// or https://")
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPartError("pictures need the browser extra: pip install 'plumbline-twin[browser]'") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))
        try:
            page = browser.new_page(
                viewport={"width": size[0], "height": size[1]},
                locale="zh-CN" if language == "zh" else "en-GB",
                color_scheme="dark" if theme == "dark" else "light",
            )
            # "load" would wait for the first frame of the 3D view, which software rendering makes slow
            page.goto(url, wait_until="commit", timeout=timeout_s * 1000)
            page.wait_for_function(READY, timeout=timeout_s * 1000)
            page.screenshot(path=out, timeout=timeout_s * 1000)
        except Error as error:
            raise PageError(f"no picture of {url}: {error.message.splitlines()[0]}") from error
        finally:
            browser.close()
