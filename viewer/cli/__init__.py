"""The command line: `plumbline VERB [SITE] --options`.

Every module of this package that has a `register(app)` adds its commands; there is no list to keep. Such a module
imports only the standard library and typer at its top and everything else inside its functions, so that
``plumbline --help`` answers within half a second.

Exit codes: 0 fine, 1 findings, 2 wrong use, 3 could not run. Human text goes to stdout, messages to stderr.
"""

import importlib
import os
import pkgutil
import re
import sys
from typing import Final, NoReturn

import typer

EXIT_FINDINGS: Final = 1
"""The command ran and found something to mend."""
EXIT_COULD_NOT_RUN: Final = 3
"""The command could not do its work; the reason is on stderr."""
_ERROR_MODULES: Final = frozenset(
    f"{package}.errors" for package in ("geometry", "pipe_network", "twin", "live_bindings", "sample_sites", "viewer")
)


def _print_version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"plumbline {version('plumbline-twin')}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """The application with the commands of every module in this package."""
    app = typer.Typer(
        name="plumbline",
        help="A live digital twin of an estate or campus.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _options(
        version: bool = typer.Option(
            False, "--version", is_eager=True, callback=lambda value: _print_version(value=value),
            help="Print the version and leave.",
        ),
    ) -> None: ...  # fmt: skip

    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        register = getattr(importlib.import_module(f"{__name__}.{module.name}"), "register", None)
        if register is not None:
            register(app)
    return app


def is_on_purpose(error: Exception) -> bool:
    """Whether an error is one of ours or the operating system's: its message says what to do, a traceback would not.

    Examples
    --------
    >>> from twin.errors import UnknownIdError
    >>> is_on_purpose(UnknownIdError("device", "cam-1")), is_on_purpose(ZeroDivisionError())
    (True, False)
    """
    return isinstance(error, OSError) or any(base.__module__ in _ERROR_MODULES for base in type(error).__mro__)


def fail(message: str, *, code: int = EXIT_COULD_NOT_RUN) -> NoReturn:
    """Leave with a message on stderr.

    Raises
    ------
    typer.Exit
        Always, with `code`.
    """
    typer.echo(message, err=True)
    raise typer.Exit(code)


def site_id_of(words: str) -> str:
    """A site id made of a folder's name.

    Examples
    --------
    >>> site_id_of("My Estate (2)")
    'my-estate-2'
    """
    return re.sub(r"[^a-z0-9._-]+", "-", words.lower()).strip("-._") or "site"


def main() -> None:
    """Run the command line of this process; errors made on purpose end in a sentence, not in a traceback."""
    # our matrices are small: on a busy machine the threads of linear algebra wait for each other ten times as long
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        build_app()(prog_name="plumbline")
    except Exception as error:
        if not is_on_purpose(error):
            raise
        typer.echo(f"plumbline: {error}", err=True)
        sys.exit(EXIT_COULD_NOT_RUN)
