"""Pictures of pages, taken by a browser that is installed on this machine."""

import os
import shutil
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from viewer.errors import MissingPartError, ViewerError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ARGUMENTS: Final = (
    "--no-sandbox",  # a container has no user namespaces; only our own pages are opened
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
)
READY: Final = "html[data-ready='true']"
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


def asking(url: str, **wanted: str) -> str:
    """The address with what the page is to show, where it does not say so itself.

    Examples
    --------
    >>> asking("http://127.0.0.1/map?lang=zh", lang="en", theme="dark")
    'http://127.0.0.1/map?lang=zh&theme=dark'
    """
    parts = urlsplit(url)
    query = {**wanted, **dict(parse_qsl(parts.query, keep_blank_values=True))}
    return urlunsplit(parts._replace(query=urlencode(query)))


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
            page.goto(asking(url, lang=language, theme=theme), wait_until="commit", timeout=timeout_s * 1000)
            # a selector, not a function: the page's security policy lets nobody evaluate strings in it
            page.wait_for_selector(READY, state="attached", timeout=timeout_s * 1000)
            page.screenshot(path=out, timeout=timeout_s * 1000)
        except Error as error:
            raise PageError(f"no picture of {url}: {error.message.splitlines()[0]}") from error
        finally:
            browser.close()
