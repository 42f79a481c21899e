"""Per-language facts about tree-sitter node types, as data: one `Grammar` a language, no rules.

Node and field names are those of the grammars' own `node-types.json`; `parsing` compiles them into
queries, so a name that a grammar does not know fails at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

_NONE: Final[frozenset[str]] = frozenset()


def _frozen(**entries: str) -> Mapping[str, str]:
    return MappingProxyType(entries)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Grammar:
    """What the rules of this package need to know about one language.

    Attributes:
        module: the wheel's import name.
        factory: the function of `module` that gives the language pointer.
        functions: function-like node types that carry a name -> kind.
        closures: function-like node types that count only under the name they are bound to.
        types: class-like node types -> field that holds the name; functions inside are methods.
        namespaces: other scopes that qualify names -> name field.
        binders: nodes that bind a value to a name -> (name field, value field).
        object_types: values whose members are qualified by the binder's name.
        wrappers: nodes around one definition that belong to it (decorators, `export`, `template`).
        declarations: wrappers that may hold several binders (`const a = 1, b = 2`).
        prefixes: siblings right above a definition that belong to it (attributes, decorators).
        constructors: names that make a method a constructor.
        comments: comment node types.
        doc_markers: openings of the comments that document what follows.
        calls: call node types -> field of the callee.
        members: callee node types with several parts -> field of the last part.
        branches: named decision points -> weight in McCabe's measure.
        branch_tokens: keywords and operators that are decision points.
        imports: import-like node types.
        parameter_names: leaf types that name a parameter.
        parameter_skips: `field`, `node.field` or node type of parts that name no parameter.
        blocks: nodes whose named children are statements, where statements end by layout.
        indents: nodes delimited by layout alone.
        commas: nodes in which a trailing comma means nothing.
        quotes: string nodes whose two quote styles mean the same.
        docstrings: statements that do nothing when all they hold is a string.
    """

    module: str
    functions: Mapping[str, str]
    types: Mapping[str, str]
    comments: frozenset[str]
    doc_markers: tuple[str, ...]
    calls: Mapping[str, str]
    members: Mapping[str, str]
    branches: Mapping[str, int]
    branch_tokens: frozenset[str]
    imports: frozenset[str]
    parameter_names: frozenset[str]
    parameter_skips: frozenset[str]
    factory: str = "language"
    closures: frozenset[str] = _NONE
    namespaces: Mapping[str, str] = field(default_factory=_frozen)
    binders: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    object_types: frozenset[str] = _NONE
    wrappers: frozenset[str] = _NONE
    declarations: frozenset[str] = _NONE
    prefixes: frozenset[str] = _NONE
    constructors: frozenset[str] = _NONE
    blocks: frozenset[str] = _NONE
    indents: frozenset[str] = _NONE
    commas: frozenset[str] = _NONE
    quotes: frozenset[str] = _NONE
    docstrings: frozenset[str] = _NONE


def _weights(types: str, **others: int) -> Mapping[str, int]:
    return MappingProxyType(dict.fromkeys(types.split(), 1) | others)


_PYTHON = Grammar(
    module="tree_sitter_python",
    functions=_frozen(function_definition="function"),
    types=_frozen(class_definition="name"),
    wrappers=_names("decorated_definition"),
    constructors=_names("__init__"),
    comments=_names("comment"),
    doc_markers=(),
    calls=_frozen(call="function"),
    members=_frozen(attribute="attribute"),
    branches=_weights(
        "if_statement elif_clause for_statement while_statement except_clause case_clause "
        "conditional_expression for_in_clause if_clause boolean_operator"
    ),
    branch_tokens=_NONE,
    imports=_names("import_statement import_from_statement future_import_statement"),
    parameter_names=_names("identifier"),
    parameter_skips=_names("type value"),
    blocks=_names("module block"),
    indents=_names("block"),
    commas=_names("argument_list parameters list dictionary set import_from_statement"),
    quotes=_names("string"),
    docstrings=_names("expression_statement"),
)

_JAVASCRIPT = Grammar(
    module="tree_sitter_javascript",
    functions=_frozen(
        function_declaration="function",
        generator_function_declaration="function",
        method_definition="method",
    ),
    closures=_names("arrow_function function_expression generator_function"),
    types=_frozen(**{"class_declaration": "name", "class": "name"}),
    binders=MappingProxyType(
        {
            "variable_declarator": ("name", "value"),
            "assignment_expression": ("left", "right"),
            "pair": ("key", "value"),
            "field_definition": ("property", "value"),
        }
    ),
    object_types=_names("object"),
    wrappers=_names("export_statement"),
    declarations=_names("lexical_declaration variable_declaration"),
    prefixes=_names("decorator"),
    constructors=_names("constructor"),
    comments=_names("comment"),
    doc_markers=("/**",),
    calls=_frozen(call_expression="function", new_expression="constructor"),
    members=_frozen(member_expression="property"),
    branches=_weights(
        "if_statement for_statement for_in_statement while_statement do_statement switch_case "
        "catch_clause ternary_expression"
    ),
    branch_tokens=_names("&& || ??"),
    imports=_names("import_statement"),
    parameter_names=_names("identifier shorthand_property_identifier_pattern"),
    parameter_skips=_names("right key decorator"),
    blocks=_names("program statement_block class_body switch_case switch_default"),
    commas=_names(
        "arguments formal_parameters array object object_pattern array_pattern named_imports "
        "export_clause"
    ),
    quotes=_names("string"),
)

_TYPESCRIPT = replace(
    _JAVASCRIPT,
    module="tree_sitter_typescript",
    factory="language_typescript",
    types=_frozen(
        **{
            "class_declaration": "name",
            "class": "name",
            "abstract_class_declaration": "name",
            "interface_declaration": "name",
            "enum_declaration": "name",
        }
    ),
    namespaces=_frozen(internal_module="name", module="name"),
    commas=_JAVASCRIPT.commas | _names("enum_body type_arguments type_parameters"),
    binders=MappingProxyType(
        {
            "variable_declarator": ("name", "value"),
            "assignment_expression": ("left", "right"),
            "pair": ("key", "value"),
            "public_field_definition": ("name", "value"),
        }
    ),
    imports=_names("import_statement import_alias"),
    parameter_names=_names("identifier shorthand_property_identifier_pattern this"),
    parameter_skips=_names(
        "type right key decorator required_parameter.value optional_parameter.value"
    ),
    blocks=_names(
        "program statement_block class_body switch_case switch_default interface_body object_type"
    ),
)

_JAVA = Grammar(
    module="tree_sitter_java",
    functions=_frozen(
        method_declaration="method",
        constructor_declaration="constructor",
        compact_constructor_declaration="constructor",
    ),
    types=_frozen(
        class_declaration="name",
        interface_declaration="name",
        enum_declaration="name",
        record_declaration="name",
        annotation_type_declaration="name",
    ),
    comments=_names("line_comment block_comment"),
    doc_markers=("/**",),
    calls=_frozen(
        method_invocation="name",
        object_creation_expression="type",
        explicit_constructor_invocation="constructor",
    ),
    members=_frozen(scoped_type_identifier="name"),
    branches=_weights(
        "if_statement for_statement enhanced_for_statement while_statement do_statement "
        "catch_clause ternary_expression"
    ),
    branch_tokens=_names("case && ||"),
    imports=_names("import_declaration package_declaration"),
    parameter_names=_names("identifier"),
    parameter_skips=_names("type modifiers receiver_parameter"),
    commas=_names("array_initializer enum_body"),
)

_GO = Grammar(
    module="tree_sitter_go",
    functions=_frozen(function_declaration="function", method_declaration="method"),
    types=_frozen(type_spec="name"),
    declarations=_names("type_declaration"),
    comments=_names("comment"),
    doc_markers=("//", "/*"),
    calls=_frozen(call_expression="function"),
    members=_frozen(selector_expression="field", qualified_type="name"),
    branches=_weights("if_statement for_statement"),
    branch_tokens=_names("case && ||"),
    imports=_names("import_declaration package_clause"),
    parameter_names=_names("identifier"),
    parameter_skips=_names("type"),
    blocks=_names("source_file statement_list field_declaration_list interface_type"),
    commas=_names("argument_list parameter_list literal_value"),
)

_RUST = Grammar(
    module="tree_sitter_rust",
    functions=_frozen(function_item="function"),
    types=_frozen(
        impl_item="type",
        trait_item="name",
        struct_item="name",
        enum_item="name",
        union_item="name",
    ),
    namespaces=_frozen(mod_item="name"),
    prefixes=_names("attribute_item"),
    comments=_names("line_comment block_comment"),
    doc_markers=("///", "/**"),
    calls=_frozen(call_expression="function", macro_invocation="macro"),
    members=_frozen(
        field_expression="field", scoped_identifier="name", generic_function="function"
    ),
    branches=_weights(
        "if_expression while_expression for_expression match_arm try_expression",
        match_expression=-1,
    ),
    branch_tokens=_names("&& ||"),
    imports=_names("use_declaration extern_crate_declaration"),
    parameter_names=_names("identifier self shorthand_field_identifier"),
    parameter_skips=_names("type lifetime attribute_item field_pattern.name"),
    commas=_names(
        "arguments parameters array_expression field_initializer_list field_declaration_list "
        "enum_variant_list use_list type_arguments type_parameters"
    ),
)

_C = Grammar(
    module="tree_sitter_c",
    functions=_frozen(function_definition="function"),
    types=_frozen(struct_specifier="name", union_specifier="name", enum_specifier="name"),
    comments=_names("comment"),
    doc_markers=("/**", "/*!", "///", "//!"),
    calls=_frozen(call_expression="function"),
    members=_frozen(field_expression="field"),
    branches=_weights(
        "if_statement for_statement while_statement do_statement conditional_expression"
    ),
    branch_tokens=_names("case && ||"),
    imports=_names("preproc_include"),
    parameter_names=_names("identifier"),
    parameter_skips=_names("type size parameters default_value"),
    commas=_names("initializer_list enumerator_list"),
)

_CPP = replace(
    _C,
    module="tree_sitter_cpp",
    types=_frozen(
        class_specifier="name",
        struct_specifier="name",
        union_specifier="name",
        enum_specifier="name",
    ),
    namespaces=_frozen(namespace_definition="name"),
    wrappers=_names("template_declaration"),
    calls=_frozen(call_expression="function", new_expression="type"),
    members=_frozen(
        field_expression="field",
        qualified_identifier="name",
        template_function="name",
        template_method="name",
        template_type="name",
    ),
    branches=_weights(
        "if_statement for_statement while_statement do_statement conditional_expression "
        "for_range_loop catch_clause"
    ),
    branch_tokens=_names("case && || and or"),
    imports=_names("preproc_include using_declaration"),
)

GRAMMARS: Final[Mapping[str, Grammar]] = MappingProxyType(
    {
        "python": _PYTHON,
        "javascript": _JAVASCRIPT,
        "typescript": _TYPESCRIPT,
        "tsx": replace(_TYPESCRIPT, factory="language_tsx"),
        "java": _JAVA,
        "go": _GO,
        "rust": _RUST,
        "c": _C,
        "cpp": _CPP,
    }
)

SUPPORTED: Final[frozenset[str]] = frozenset(GRAMMARS)
