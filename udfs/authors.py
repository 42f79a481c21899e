"""Who wrote a commit, as a digest that tells nothing to who does not know the address."""

import hashlib


def author_digest(email: str) -> str:
    """SHA-256 of an e-mail address, in hexadecimal; case and spaces around it do not matter."""
    return hashlib.sha256(email.strip(" ").lower().encode("utf-8", "surrogatepass")).hexdigest()
