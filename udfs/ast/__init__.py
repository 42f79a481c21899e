"""Rules about one source text read as a syntax tree (tree-sitter): pure functions, no Spark."""

from udfs.ast.components import Component, components
from udfs.ast.definitions import Span, enclosing_definitions, import_lines
from udfs.ast.functions import Function, ParseResult, parse_functions
from udfs.ast.grammars import SUPPORTED
from udfs.ast.health import JUDGED, Health, health
from udfs.ast.parsing import DEFAULT_LIMITS, REASONS, Limits
from udfs.ast.source import Source
from udfs.ast.symbols import SymbolChanges, symbol_changes
from udfs.ast.tokens import code_tokens, same_code, structure_tokens

__all__ = [
    "DEFAULT_LIMITS",
    "JUDGED",
    "REASONS",
    "SUPPORTED",
    "Component",
    "Function",
    "Health",
    "Limits",
    "ParseResult",
    "Source",
    "Span",
    "SymbolChanges",
    "code_tokens",
    "components",
    "enclosing_definitions",
    "health",
    "import_lines",
    "parse_functions",
    "same_code",
    "structure_tokens",
    "symbol_changes",
]
