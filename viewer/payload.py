"""Large documents made once: their bytes, those bytes packed, and a tag by which a browser knows it has them."""

import gzip
import hashlib
from dataclasses import dataclass
from typing import Self

from fastapi import Request, Response


@dataclass(frozen=True, slots=True)
class Payload:
    """A document ready to be sent. It is kept packed: that is what nearly every client takes."""

    packed: bytes
    media_type: str
    tag: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Self:
        """The document of these bytes."""
        tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        return cls(gzip.compress(body, 6, mtime=0), media_type, tag)

    def response(self, request: Request) -> Response:
        """The document, or 304 if the client says it has it."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        known = (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(","))
        if self.tag in known:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media_type, headers=headers)
        headers["Content-Encoding"] = "identity"  # so that no middleware packs it a second time
        return Response(gzip.decompress(self.packed), media_type=self.media_type, headers=headers)
