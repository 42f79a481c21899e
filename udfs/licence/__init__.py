"""Which licence a repository is under: findings per file, a conclusion, a permissive verdict."""

from udfs.licence.conclusion import LicenceVerdict, conclude
from udfs.licence.detection import LicenceFinding, detect, is_licence_path
from udfs.licence.expressions import COMMONLY_PERMISSIVE, is_permissive

__all__ = [
    "COMMONLY_PERMISSIVE",
    "LicenceFinding",
    "LicenceVerdict",
    "conclude",
    "detect",
    "is_licence_path",
    "is_permissive",
]
