"""Rules about one source text read as a syntax tree (tree-sitter)."""

from udfs.ast.functions import Function, ParseResult, parse_functions
from udfs.ast.grammars import SUPPORTED
from udfs.ast.parsing import Limits
