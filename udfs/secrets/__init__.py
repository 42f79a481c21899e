"""Secrets and personal data in a text become typed placeholders."""

from udfs.secrets.redaction import Redacted, placeholders, redact, redact_all, without_numbers
from udfs.secrets.spans import KINDS
from udfs.secrets.values import redact_values

__all__ = [
    "KINDS",
    "Redacted",
    "placeholders",
    "redact",
    "redact_all",
    "redact_values",
    "without_numbers",
]
