"""Which licence a repository is under: findings per file, a conclusion, a permissive verdict."""

from udfs.licence.conclusion import LicenceVerdict, conclude
from udfs.licence.detection import LicenceFinding, detect, is_licence_path
from udfs.licence.expressions import COMMONLY_PERMISSIVE, is_permissive
from udfs.licence.history import PathChange, texts_in_force
from udfs.licence.terms import Terms, expression_of, file_licence, joint_licence, terms_of

__all__ = [
    "COMMONLY_PERMISSIVE",
    "LicenceFinding",
    "LicenceVerdict",
    "PathChange",
    "Terms",
    "conclude",
    "detect",
    "expression_of",
    "file_licence",
    "is_licence_path",
    "is_permissive",
    "joint_licence",
    "terms_of",
    "texts_in_force",
]
