"""Which kind of change a commit is: learned weights over named facts, and rules for components.

Facts about message, diff and symbols (`change_features`) are weighed by a learned model; what
authors declare outright, by a conventional type or a label, is given its weight here. The softmax
is the confidence, calibrated on repositories that the weights were not learned from.
`ui_component` is decided on top, by what the change does to components, since a component can be
introduced, changed or restructured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import re2

from udfs.ast import Source, components
from udfs.change_features import (
    MAX_AST_CHARS,
    MAX_AST_FILES,
    Change,
    change_features,
    is_main,
)
from udfs.change_model import Scores, default_model, shares
from udfs.diffs import FilePatch, PatchError, parse_patch
from udfs.instruction import Instruction, clean_message
from udfs.language import detect_language, is_ui
from udfs.paths import is_showcase_path

BUG_FIX = "bug_fix"
NEW_FEATURE = "new_feature"
REFACTOR = "refactor"
UI_COMPONENT = "ui_component"
CATEGORIES = (BUG_FIX, NEW_FEATURE, REFACTOR, UI_COMPONENT)
INTENTS = (BUG_FIX, NEW_FEATURE, REFACTOR)
MOST_EVIDENCE = 12

# What the author says outright, as log-odds for (bug fix, feature, refactor): given, not learned.
DECLARED: Mapping[str, Scores] = MappingProxyType(
    {
        "complaint_of_a_tool": (-1.5, -1.5, 3.0),
        "label_feature": (-1.5, 3.0, -1.5),
        "label_fix": (3.0, -1.5, -1.5),
        "label_refactor": (-1.5, -1.5, 3.0),
        "type_chore": (-0.5, -0.5, 1.0),
        "type_feature": (-2.0, 4.0, -2.0),
        "type_fix": (4.0, -2.0, -2.0),
        "type_refactor": (-2.0, -2.0, 4.0),
    }
)
_LABELS = (
    ("label_fix", ("bug", "regression", "defect", "fix", "crash")),
    ("label_feature", ("enhancement", "feature", "proposal")),
    (
        "label_refactor",
        ("refactor", "cleanup", "clean-up", "tech debt", "technical debt", "internal"),
    ),
)
_TYPES = MappingProxyType(
    {"fix": "type_fix", "feat": "type_feature", "refactor": "type_refactor",
     "perf": "type_refactor",
     "style": "type_refactor", "chore": "type_chore"}
)  # fmt: skip
# What linters, compilers and type checkers say of code that works.
_COMPLAINT = re2.compile(
    r"(?i)\b(?:clippy|lint|linter|linting|ruff|flake8|pylint|eslint|checkstyle|spotbugs|rubocop"
    r"|staticcheck|phpstan|mypy|pyright|compiler|deprecation|rustc|gcc|clang|javac)"
    r"(?:'s)? (?:warnings?|errors?|complaints?|issues?|lints?|findings?|check)\b"
    r"|\b(?:warnings?|complaints?) (?:on|from|of|by) (?:\w+ )?(?:rustc|clippy|gcc|clang|javac|ruff"
    r"|flake8|mypy|pyright|pylint|eslint|the linter|the compiler)\b"
    r"|^(?:add|fix|miss|complet)\w* (?:some |more |missing )?(?:(?:type|return) )?"
    r"(?:annotations?|type hints?|return types?)\b"
)
# "added_lines_16": a quantity and the cut that it reaches.
_STEP = re2.compile(r"^([a-z_]+)_(\d+(?:\.\d+)?)$")
_UI_WORDS = re2.compile(
    r"(?i)\b(?:components?|ui|buttons?|forms?|inputs?|dialogs?|modals?|menus?|sidebar|nav\w*"
    r"|layouts?|styl\w+|css"
    r"|themes?|dark mode|icons?|pages?|charts?|blocks?|headers?|footers?|cards?|tables?|tabs?"
    r"|toggles?|tooltips?"
    r"|popovers?|dropdowns?|select|slider|calendar|date ?picker|accordion|carousel|avatar|badge"
    r"|toast|drawer|sheet"
    r"|responsive|hover|colou?rs?|fonts?|spacing|padding|margin|animat\w+|render\w*|views?"
    r"|widgets?|screens?)\b"
)
# A tag, but no type argument ("Ref<Node>"); attributes; declarations of a style sheet; and how Vue
# and Svelte declare what a component takes and tells.
_FACE = re2.compile(
    r"(?:^|[\s(){},>?:&])</?[A-Za-z][\w.:-]*(?:[\s/>]|$)|/>"
    r"|\b(?:class(?:Name)?|style|slot|role|aria-[a-z]+|data-[a-z-]+)=|^\s*[a-z-]+:[^:]*;\s*$"
    r"|\b(?:defineProps|defineEmits|defineSlots|withDefaults|export let|createEventDispatcher)\b"
    r"|\b(?:props|emits)\b[.:\[]|\$(?:props|emit|slots)\b"
)
_MAX_LINE_CHARS = 400
_LEAST_CHANGED_LINES = 5
_UI_PATH = re2.compile(
    r"(?i)(?:^|/)(?:components?|ui|views?|pages?|widgets?|layouts?|screens?|styles?|blocks?"
    r"|themes?|static|app)/"
)


@dataclass(frozen=True, slots=True)
class Classification:
    """The best category, how sure it is (0..1), and what speaks for it.

    `intent` is the best of bug fix, feature and refactor, whatever the category, and
    `probabilities` are the three shares in the order of `INTENTS`, as often as each is right; for a
    refactor, which is rare, another share may be larger while none is sure. `evidence` names what
    spoke for the intent, the strongest first: "title:crash" is a word's stem and where it stood,
    "new_tests>=1" a quantity.
    """

    category: str
    confidence: float
    evidence: tuple[str, ...]
    intent: str
    probabilities: tuple[float, float, float]


def classify_change(
    message: str,
    patch: str,
    *,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    labels: Sequence[str] = (),
) -> Classification:
    """Classify one change; always the best category, with its confidence.

    Args:
        message: Commit message, with or without a conventional prefix.
        patch: Unified diff of the change; an unreadable one counts as empty.
        before: Path before the change → text, for the files whose text is at hand.
        after: Path after the change → text.
        labels: Labels of the linked issue or pull request.

    """
    try:
        files = parse_patch(patch)
    except PatchError:
        files = ()
    change = Change(
        clean_message(message), message, files, _sources(before), _sources(after), labels
    )
    return classify(change)


def _sources(texts: Mapping[str, str] | None) -> dict[str, Source]:
    return {
        path: Source(text, detect_language(path, text) or "")
        for path, text in (texts or {}).items()
    }


def classify(change: Change) -> Classification:
    """Do the same as `classify_change` for what is already cleaned, parsed or about to be."""
    facts = change_features(change)
    declared = sorted(_declared(change))
    model = default_model()
    learned = model.scores(facts)
    fix, feature, refactor = (
        learned[index] + sum(DECLARED[name][index] for name in declared) for index in range(3)
    )
    scores = (fix, feature, refactor)
    best = scores.index(max(scores))
    probabilities = shares(
        (
            fix + model.frequency[0],
            feature + model.frequency[1],
            refactor + model.frequency[2],
        )
    )
    weights = {name: model.weights[name] for name in facts if name in model.weights}
    weights |= {name: DECLARED[name] for name in declared}
    evidence = _evidence({name: weight[best] for name, weight in weights.items()})
    ui, ui_evidence = 0.0, tuple[str, ...]()
    # To restructure or rename a component neither makes nor alters it.
    if probabilities[2] < max(probabilities):
        ui, ui_evidence = _ui_share(
            change.instruction, change.files, change.before, change.after, probabilities[0]
        )
    if ui > 0.5:
        return Classification(
            UI_COMPONENT, ui, ui_evidence + evidence, INTENTS[best], probabilities
        )
    return Classification(
        INTENTS[best], probabilities[best], evidence, INTENTS[best], probabilities
    )


def _declared(change: Change) -> set[str]:
    labels = [label.lower() for label in change.labels]
    found = {
        name for name, marks in _LABELS if any(mark in label for label in labels for mark in marks)
    }
    if _COMPLAINT.search(change.instruction.title) is not None:
        found.add("complaint_of_a_tool")
    type_ = _TYPES.get(change.instruction.type or "")
    return found | {type_} if type_ is not None else found


def _evidence(weights: Mapping[str, float]) -> tuple[str, ...]:
    """Name what speaks for a category, the strongest first; the cuts of a quantity are one."""
    totals: dict[str, float] = {}
    highest: dict[str, float] = {}
    for name, weight in sorted(weights.items()):
        step = _STEP.match(name)
        quantity = step.group(1) if step is not None else name
        totals[quantity] = totals.get(quantity, 0.0) + weight
        if step is not None:
            highest[quantity] = max(highest.get(quantity, 0.0), float(step.group(2)))
    ordered = sorted((-round(weight, 9), name) for name, weight in totals.items() if weight > 0)
    return tuple(
        f"{name}>={highest[name]:g}" if name in highest else name
        for _, name in ordered[:MOST_EVIDENCE]
    )


def _ui_share(
    instruction: Instruction,
    files: Sequence[FilePatch],
    before: Mapping[str, Source],
    after: Mapping[str, Source],
    fix: float,
) -> tuple[float, tuple[str, ...]]:
    """How far the change is about a user interface component, 0..1, and why.

    The lines of UI files must be most of the change, stories and examples left out, and either a
    component appears or what one shows or takes is changed by a good deal; a likely bug fix stays
    a bug fix.
    """
    ui_lines = all_lines = 0
    appeared: list[str] = []
    vanished: list[str] = []
    changed: list[str] = []
    languages: set[str] = set()
    paths_agree = False
    main = [item for item in files if is_main(item) and not is_showcase_path(item.path)]
    for item in main[: 2 * MAX_AST_FILES]:
        count = sum(mark != " " for hunk in item.hunks for mark, _ in hunk.lines)
        all_lines += count
        new = after.get(item.path_after or "")
        names = _component_names(new, item.path)
        language = new.language if new is not None else detect_language(item.path) or ""
        if not is_ui(language) and not names:
            continue
        ui_lines += count
        languages.add(language)
        paths_agree = paths_agree or _UI_PATH.search(item.path) is not None
        old = before.get(item.path_before or "")
        old_names = set(_component_names(old, item.path_before or ""))
        appeared += [name for name in names if name not in old_names]
        vanished += old_names.difference(names)
        if _alters_face(item, old, new):
            changed += [name for name in names if name in old_names]
    introduced = [name for name in appeared if name not in vanished]
    changed = changed if ui_lines >= _LEAST_CHANGED_LINES else []
    if not all_lines or ui_lines / all_lines < 0.6:
        return 0.0, ()
    markup_and_style = "html" in languages and bool(languages & {"css", "scss", "less", "sass"})
    if not (introduced or changed or (markup_and_style and ui_lines >= 10)):
        return 0.0, ()
    text = f"{instruction.scope or ''} {instruction.text[:500]}".lower()
    squeezed = text.replace("-", "").replace(" ", "")
    named = any(name.lower() in squeezed for name in (*introduced, *changed) if len(name) > 3)
    worded = _UI_WORDS.search(text) is not None
    share = 0.25 + 0.3 * bool(introduced) + 0.2 * named + 0.15 * worded + 0.15 * paths_agree
    share *= ui_lines / all_lines
    if fix > 0.5:
        share *= 1.1 - fix
    evidence = tuple(
        name
        for name, holds in (
            ("component_introduced", bool(introduced)),
            ("component_changed", bool(changed)),
            ("markup_and_style", markup_and_style),
            ("component_named", named),
            ("ui_words", worded),
            ("ui_path", paths_agree),
        )
        if holds
    )
    return min(share, 0.98), evidence


def _alters_face(item: FilePatch, old: Source | None, new: Source | None) -> bool:
    """Whether a change touches what a component shows or takes: markup, style, props, events."""
    if any(
        mark == "+" and _FACE.search(line[:_MAX_LINE_CHARS]) is not None
        for hunk in item.hunks
        for mark, line in hunk.lines
    ):
        return True
    if old is None or new is None or max(len(old.text), len(new.text)) > MAX_AST_CHARS:
        return False
    before, after = ({it.name: it.props for it in components(side)} for side in (old, new))
    return any(before[name] != after[name] for name in before.keys() & after.keys())


def _component_names(source: Source | None, path: str) -> tuple[str, ...]:
    if source is None or not source.text or len(source.text) > MAX_AST_CHARS:
        return ()
    if source.language in ("vue", "svelte", "astro"):
        return (path.rsplit("/", 1)[-1].rsplit(".", 1)[0],)
    if "</" not in source.text and "/>" not in source.text:
        return ()
    return tuple(dict.fromkeys(item.name for item in components(source)))
