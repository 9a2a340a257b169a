"""Who may use the page: the secrets of one server, and the addresses at which it answers.

    the address that was printed  --token-->  a cookie for the browser  --> pages
    a form on such a page         --csrf--->  a POST of the same origin --> changes

All three secrets are made when the server starts and end with it. Comparisons take the same time
whatever is wrong.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

# Bytes of chance in a secret: nobody guesses 2 to the power of 256.
_SECRET_BYTES = 32


def _secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class Access:
    """What lets a browser in."""

    port: int
    """Where the server listens."""
    token: str = field(default_factory=_secret, repr=False)
    """In the address that is printed."""
    session: str = field(default_factory=_secret, repr=False)
    """The cookie's value, so that the token is in no later request."""
    csrf: str = field(default_factory=_secret, repr=False)
    """In every form: a page of another origin cannot read it."""

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are answered.

        A name of a stranger's that was made to resolve to this machine is none of them.
        """
        names = ("127.0.0.1", "localhost", "[::1]")
        bare = names if self.port == 80 else ()
        return frozenset((*bare, *(f"{name}:{self.port}" for name in names)))

    @property
    def cookie_name(self) -> str:
        """Cookies know no ports: each server has a name of its own."""
        return f"docsearch-{self.port}"

    @property
    def address(self) -> str:
        """The address with the token."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def set_cookie(self) -> str:
        """Return the header that gives a browser the cookie."""
        return f"{self.cookie_name}={self.session}; Path=/; HttpOnly; SameSite=Strict"

    def is_token(self, given: str) -> bool:
        """Tell whether it is the token."""
        return _is_same(given, self.token)

    def is_csrf(self, given: str) -> bool:
        """Tell whether it is what our forms carry."""
        return _is_same(given, self.csrf)

    def has_cookie(self, header: str) -> bool:
        """Tell whether a Cookie header holds ours."""
        # Other programs of this machine set cookies for the same name; theirs may hold anything.
        pairs = (part.strip().partition("=") for part in header.split(";"))
        return any(
            _is_same(value, self.session) for name, _, value in pairs if name == self.cookie_name
        )


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
