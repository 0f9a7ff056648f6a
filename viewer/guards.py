"""What stands before every route: whom the server answers, how much it reads, what it tells the browser to forbid."""

import ipaddress
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from viewer.problems import BodyTooLargeError, problem
from viewer.settings import LOOPBACK_NAMES, Settings

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # three.js and MapLibre set positions through the style attribute of the elements they make
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self' blob:",
        "worker-src 'self' blob:",  # MapLibre starts its worker from a blob
        "font-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def host_name(authority: str) -> str:
    """The name in ``name:port``, lower-case, without the brackets of an IPv6 address.

    Examples
    --------
    >>> host_name("LocalHost:8750"), host_name("[::1]:8750"), host_name("")
    ('localhost', '::1', '')
    """
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:  # an open bracket, an address that is none
        return ""


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def answers_to(name: str, settings: Settings) -> bool:
    """Whether a request for this host name is meant for us.

    A server bound to all addresses answers to any address too: only names can be rebound by a foreign page.

    Examples
    --------
    >>> here = Settings(host="127.0.0.1")
    >>> [answers_to(n, here) for n in ("localhost", "127.0.0.1", "evil.example", "192.0.2.7")]
    [True, True, False, False]
    >>> answers_to("192.0.2.7", Settings(host="0.0.0.0"))
    True
    """
    if name in LOOPBACK_NAMES or name == settings.host.lower() or name in settings.allowed_hosts:
        return True
    return settings.host in {"0.0.0.0", "::"} and _is_ip(name)  # noqa: S104 - compared, not bound


class Guards:
    """ASGI middleware: host and origin check, body limit, security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        send = _with_headers(send, SECURITY_HEADERS.items())
        refusal = self._refusal(scope)
        if refusal is not None:
            status, detail, kind = refusal
            if scope["type"] == "websocket":
                await receive()  # the connect message
                await send({"type": "websocket.close", "code": 1008, "reason": detail[:120]})
                return
            await problem(status, detail, kind=kind)(scope, receive, send)
            return
        await self._app(scope, self._limited(receive) if scope["type"] == "http" else receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        authority = headers.get("host", "")
        if not answers_to(host_name(authority), self._settings):
            return 421, f"this server does not answer to the host {authority[:100]!r}", "unknown-host"
        origin = headers.get("origin")
        reads = scope["type"] == "http" and scope["method"] in {"GET", "HEAD", "OPTIONS"}
        if origin is not None and not reads and urlsplit(origin).netloc.lower() != authority.lower():
            return 403, f"commands come from this server's own pages, not from {origin[:100]!r}", "foreign-origin"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._settings.body_limit_bytes:
            return 413, f"a request body holds at most {self._settings.body_limit_bytes} bytes", "body-too-large"
        return None

    def _limited(self, receive: Receive) -> Receive:
        limit_bytes, read_bytes = self._settings.body_limit_bytes, 0

        async def receiving() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > limit_bytes:  # a chunked body names no length beforehand
                raise BodyTooLargeError(limit_bytes)
            return message

        return receiving


def _with_headers(send: Send, extra: Iterable[tuple[str, str]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra:
                headers.setdefault(name, value)
        await send(message)

    return sending
