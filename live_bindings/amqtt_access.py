"""Who may speak to the in-process broker: everybody on this machine, and each is remembered.

amqtt's own plugin for anonymous access marks sessions so that nothing is kept for a client that is away; this one
does not. Imported by amqtt, by its path, and only where amqtt is used.
"""

from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session


class LocalAccess(BaseAuthPlugin):  # type: ignore[misc]  # amqtt is not typed
    """Lets every client in, as one whose session is kept."""

    async def authenticate(self, *, session: Session) -> bool:
        """True; the listener is on this machine only."""
        session.is_anonymous = False
        return True
