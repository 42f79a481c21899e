"""Who someone is, as a digest that tells nothing to who does not know the address or login."""

from __future__ import annotations

import hashlib

# The address under which GitHub commits for who hides their own: 1+login@… or login@….
NO_REPLY = "@users.noreply.github.com"


def author_digest(name: str) -> str:
    """SHA-256 of an e-mail address or of `@login`, in hexadecimal; case does not matter."""
    return hashlib.sha256(name.strip(" ").lower().encode("utf-8", "surrogatepass")).hexdigest()


def login_digest(login: str) -> str:
    """Digest of who has a login at GitHub."""
    return author_digest(f"@{login.strip(' ')}")


def email_digests(email: str) -> set[str]:
    """Digests of who an e-mail address may stand for: itself, and the login that GitHub names."""
    plain = email.strip(" ").lower()
    found = {author_digest(plain)}
    if plain.endswith(NO_REPLY):
        found.add(login_digest(plain.removesuffix(NO_REPLY).rpartition("+")[2]))
    return found
