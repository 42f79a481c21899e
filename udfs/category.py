"""Which kind of change a commit is: an additive model over named, explicit pieces of evidence.

Each piece of evidence that holds adds its row of `WEIGHTS` to the scores of bug fix, feature and
refactor; the softmax of the scores is the confidence. `ui_component` is decided on top, by what
the change does to components, since a component can be introduced, changed or restructured.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import re2

from udfs.ast import SUPPORTED, Source, components, symbol_changes
from udfs.diffs import FilePatch, PatchError, parse_patch
from udfs.instruction import Instruction, clean_message
from udfs.language import detect_language, is_source, is_ui
from udfs.paths import is_docs_path, is_generated_path, is_lock_file, is_test_path, is_vendored_path

BUG_FIX = "bug_fix"
NEW_FEATURE = "new_feature"
REFACTOR = "refactor"
UI_COMPONENT = "ui_component"
CATEGORIES = (BUG_FIX, NEW_FEATURE, REFACTOR, UI_COMPONENT)
INTENTS = (BUG_FIX, NEW_FEATURE, REFACTOR)

MAX_AST_FILES = 20
MAX_AST_CHARS = 200_000
_MAX_LINES = 5_000

# Log-odds for (bug fix, feature, refactor). Those of messages, shapes and symbols were fitted as a
# multinomial logistic regression (L2, C = 0.1, each repository and class weighted by the square
# root of its size) on commits of axios, express, karma and shadcn-ui whose conventional prefix had
# been taken away, and rounded; those of types and labels say what their authors said and are given.
WEIGHTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "bias": (0.1, 0.5, -0.6),
        "body_case_words": (-0.1, 0.2, -0.1),
        "body_closes": (0.5, 0.1, -0.6),
        "body_feature_words": (-0.4, 0.0, 0.4),
        "body_fix_words": (0.1, -0.2, 0.0),
        "body_none": (0.1, -0.4, 0.3),
        "body_perf_words": (0.1, 0.1, -0.1),
        "body_refactor_words": (0.3, -0.2, -0.1),
        "conditions_added": (-0.1, -0.2, 0.3),
        "definitions_grow": (-0.1, 0.1, 0.1),
        "definitions_rewritten": (-0.1, 0.3, -0.1),
        "definitions_shrink": (-0.1, -0.2, 0.2),
        "docs_touched": (-0.3, 0.4, -0.1),
        "exports_grow": (0.2, 0.1, -0.3),
        "label_feature": (-1.0, 2.0, -1.0),
        "label_fix": (2.0, -1.0, -1.0),
        "label_refactor": (-1.0, -1.0, 2.0),
        "lead_feature": (-0.5, 0.8, -0.3),
        "lead_fix": (0.8, -0.1, -0.8),
        "lead_neutral": (-0.2, -0.1, 0.3),
        "lead_other": (0.2, -0.2, 0.0),
        "lead_refactor": (-0.3, -0.4, 0.7),
        "lines_balanced": (0.2, -0.5, 0.3),
        "lines_more_added": (0.1, -0.2, 0.2),
        "lines_more_removed": (-0.2, -0.1, 0.3),
        "lines_mostly_added": (0.2, 0.4, -0.6),
        "lines_moved": (0.0, 0.2, -0.2),
        "lines_none": (0.0, 0.0, 0.0),
        "lines_only_added": (-0.2, 0.6, -0.4),
        "lines_only_removed": (0.0, -0.1, 0.2),
        "many_sources": (-0.2, 0.1, 0.0),
        "no_sources": (0.0, 0.0, 0.0),
        "one_hunk": (0.0, -0.2, 0.2),
        "signatures_changed": (-0.1, -0.2, 0.3),
        "size_huge": (-0.3, 0.0, 0.2),
        "size_large": (-0.2, 0.2, 0.0),
        "size_medium": (-0.1, 0.1, 0.0),
        "size_small": (0.1, -0.4, 0.2),
        "size_tiny": (0.4, 0.1, -0.5),
        "source_added": (0.0, 0.0, 0.0),
        "source_deleted": (-0.1, 0.1, -0.1),
        "source_renamed": (-0.2, -0.2, 0.5),
        "symbols_added_and_removed": (-0.1, 0.0, 0.2),
        "symbols_many_added": (-0.4, -0.2, 0.5),
        "symbols_moved": (-0.1, 0.0, 0.1),
        "symbols_one_changed": (0.1, 0.0, -0.2),
        "symbols_only_added": (-0.1, 0.1, 0.0),
        "symbols_only_changed": (0.0, 0.0, 0.0),
        "symbols_only_removed": (0.0, 0.1, -0.1),
        "symbols_same": (0.1, -0.2, 0.1),
        "symbols_unknown": (0.2, 0.0, -0.2),
        "test_file_added": (-0.1, 0.1, 0.0),
        "tests_changed": (0.0, 0.0, -0.1),
        "tests_only_added": (0.0, 0.2, -0.2),
        "tests_with_small_change": (0.1, 0.2, -0.4),
        "title_case_words": (0.2, 0.0, -0.3),
        "title_feature_words": (0.0, 0.3, -0.3),
        "title_fix_words": (0.4, -0.4, 0.0),
        "title_perf_words": (-0.4, -0.2, 0.6),
        "title_refactor_words": (-0.2, -0.5, 0.8),
        "type_chore": (-0.5, -0.5, 1.0),
        "type_feature": (-2.0, 4.0, -2.0),
        "type_fix": (4.0, -2.0, -2.0),
        "type_refactor": (-2.0, -2.0, 4.0),
    }
)


_FIX_VERBS = (
    "fix correct prevent avoid handle resolve repair ensure restore guard dont stop escape \
patch catch respect preserve tolerate ignore never workaround unbreak harden sanitize revert \
disable fallback clamp silence suppress honor honour properly set reset check"
)
_FEAT_VERBS = (
    "add implement support introduce allow enable create expose provide new accept export \
extend adds initial offer include integrate let show display register generate"
)
_REFACTOR_VERBS = (
    "refactor rename move extract simplify clean cleanup remove replace migrate convert \
use inline split consolidate reorganize reorganise dedupe deduplicate modernize tidy drop \
delete merge rewrite reuse switch unify refine sort reduce decouple optimize optimise \
rework restructure \
reformat hide prefer port separate isolate reorder internalize encapsulate"
)
_NEUTRAL_VERBS = "update improve change make upgrade adjust enhance tweak rework polish bump mark"


def _stems(verbs: str) -> frozenset[str]:
    forms: set[str] = set()
    for verb in verbs.split():
        base = verb.removesuffix("e")
        forms.update(
            (verb, verb + "s", verb + "es", base + "ed", base + "ing", verb + verb[-1] + "ed")
        )
        forms.update((verb + verb[-1] + "ing", verb[:-1] + "ies", verb[:-1] + "ied"))
    return frozenset(forms)


_LEADS = MappingProxyType(
    {
        "lead_fix": _stems(_FIX_VERBS),
        "lead_feature": _stems(_FEAT_VERBS),
        "lead_refactor": _stems(_REFACTOR_VERBS),
        "lead_neutral": _stems(_NEUTRAL_VERBS),
    }
)
_WORDS = MappingProxyType(
    {
        "fix_words": re2.compile(
            r"(?i)\b(?:fix(?:e[sd]|ing)?|bugs?|crash\w*|errors?|incorrect\w*|wrong\w*|broken"
            r"|breaks?|breaking"
            r"|regress\w*|leaks?|fail\w*|issues?|missing|invalid|undefined|null|nil|exceptions?"
            r"|panics?"
            r"|overflow\w*|race|deadlock\w*|hang(?:s|ing)?|infinite|unexpected\w*|mis\w{4,}"
            r"|accidental\w*"
            r"|properly|correctly|should(?:n'?t)?|must|no longer|doesn'?t|isn'?t|can'?t|don'?t"
            r"|never"
            r"|edge case|corner case|compat\w*|corrupt\w*|vulnerab\w*|CVE|XSS|typos?|lost|stale)\b"
        ),
        "feature_words": re2.compile(
            r"(?i)\b(?:supports?|options?|features?|new|abilit\w+|allows?|enables?|flags?"
            r"|configurable|custom"
            r"|api|commands?|plugins?|hooks?|parameters?|arguments?|methods?|helpers?|settings?"
            r"|modes?"
            r"|implement\w*|introduc\w*|initial|components?|templates?|--[a-z][\w-]+)\b"
            r"|--[a-z][\w-]+"
        ),
        "refactor_words": re2.compile(
            r"(?i)\b(?:refactor\w*|clean\w*|unused|dead code|redundan\w*|simplif\w*|internals?"
            r"|naming|rename\w*"
            r"|extract\w*|moved?|moving|split|reus\w*|duplicat\w*|reorgani\w*|restructur\w*"
            r"|moderni\w*"
            r"|consisten\w*|readab\w*|instead of|in favou?r of|replace\w*|migrat\w*|convert\w*"
            r"|legacy"
            r"|separate|modul\w+|es6|async/await|arrow|let|const|var|lambdas?|lints?|clippy"
            r"|types?|unnecessary"
            r"|deprecat\w*|inline\w*|logic|structure\w*|codebase|code)\b"
        ),
        "case_words": re2.compile(r"(?i)\b(?:when|if|not|on|only|for|without|even)\b"),
        "perf_words": re2.compile(
            r"(?i)\b(?:perf\w*|fast\w*|slow\w*|speed\w*|optimi\w+|alloc\w*|cach\w+|memory)\b"
        ),
        "closes": re2.compile(
            r"(?i)\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\b:? (?:[\w./-]*#"
            r"|https?://\S+/issues/)\d"
        ),
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
_CONDITION = re2.compile(
    r"\b(?:if|else|elif|unless|switch|case|while|match)\b|&&|\|\||[=!]==?|\b(?:null|undefined"
    r"|None|nil|typeof"
    r"|instanceof|isinstance|try|catch|except|finally|rescue|is_none|is_some|unwrap_or)\b|\?\.|\?\?"
)
_DEFINITION = re2.compile(
    r"^[ \t]*(?:export |default |pub(?:\([a-z]+\))? |public |private |protected |static |async "
    r"|final |abstract )*"
    r"(?:def |function\b|class |fn |func |interface |enum |struct |trait |impl\b|type \w+"
    r"|(?:const|let|var) \w+ = (?:async )?"
    r"(?:function|\([^()]*\) =>|\w+ =>)|(?:public|private|protected) [\w<>\[\], ]+\()"
)
_EXPORT = re2.compile(r"^[ \t]*(?:export |pub |public |module\.exports|exports\.|__all__)")
_LOG = re2.compile(r"(?i)(?:^|/)(?:\.changeset/|change(?:s|log)|history|news)")
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
_UI_PATH = re2.compile(
    r"(?i)(?:^|/)(?:components?|ui|views?|pages?|widgets?|layouts?|screens?|styles?|blocks?"
    r"|themes?|static|app)/"
)


@dataclass(frozen=True, slots=True)
class Classification:
    """The best category, how sure it is (0..1), and what speaks for it.

    `intent` is the best of bug fix, feature and refactor, whatever the category, and
    `probabilities` are its three shares in the order of `INTENTS`. `evidence` names the pieces
    that held, the strongest first.
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
    return classify_files(
        clean_message(message), message, files, _sources(before), _sources(after), labels
    )


def _sources(texts: Mapping[str, str] | None) -> dict[str, Source]:
    return {
        path: Source(text, detect_language(path, text) or "")
        for path, text in (texts or {}).items()
    }


def classify_files(
    instruction: Instruction,
    message: str,
    files: Sequence[FilePatch],
    before: Mapping[str, Source],
    after: Mapping[str, Source],
    labels: Sequence[str] = (),
) -> Classification:
    """Do the same as `classify_change` for what is already cleaned, parsed or about to be."""
    features = change_features(instruction, message, files, before, after, labels)
    scores = [0.0, 0.0, 0.0]
    for name in features:
        for index, weight in enumerate(WEIGHTS[name]):
            scores[index] += weight
    highest = max(scores)
    exponents = [math.exp(score - highest) for score in scores]
    fix, feature, refactor = (exponent / sum(exponents) for exponent in exponents)
    shares = (fix, feature, refactor)
    best = max(range(3), key=lambda index: shares[index])
    ui, ui_evidence = _ui_share(instruction, files, before, after, fix)
    ordered = sorted(features, key=lambda name: (-WEIGHTS[name][best], name))
    evidence = tuple(name for name in ordered if WEIGHTS[name][best] > 0)
    if ui > 0.5:
        return Classification(UI_COMPONENT, ui, ui_evidence + evidence, INTENTS[best], shares)
    return Classification(INTENTS[best], shares[best], evidence, INTENTS[best], shares)


def change_features(
    instruction: Instruction,
    message: str,
    files: Sequence[FilePatch],
    before: Mapping[str, Source],
    after: Mapping[str, Source],
    labels: Sequence[str] = (),
) -> tuple[str, ...]:
    """Name the pieces of evidence that hold for a change, sorted; each is a row of `WEIGHTS`."""
    found: set[str] = {"bias"}
    found.update(_message_features(instruction, message, labels))
    sources = [item for item in files if _is_main(item)]
    found.update(_shape_features(files, sources))
    found.update(_symbol_features(sources, before, after))
    return tuple(sorted(found))


def _message_features(instruction: Instruction, message: str, labels: Sequence[str]) -> set[str]:
    found: set[str] = set()
    type_feature = _TYPES.get(instruction.type or "")
    if type_feature is not None:
        found.add(type_feature)
    title = instruction.title
    scope, separator, rest = title.partition(": ")
    if separator and len(scope) <= 30 and rest:
        title = rest
    lead = (
        title.lower().replace("'", "").replace("do not", "dont").split(" ", 1)[0].strip('`"*_.,:')
    )
    found.update(name for name, stems in _LEADS.items() if lead in stems)
    if not found & set(_LEADS):
        found.add("lead_other")
    found.update(f"title_{name}" for name, words in _WORDS.items() if words.search(title))
    body = instruction.body[:2_000]
    found.update(f"body_{name}" for name, words in _WORDS.items() if body and words.search(body))
    if _WORDS["closes"].search(message[:20_000]):
        found.add("body_closes")
    if not body:
        found.add("body_none")
    for label in labels:
        lowered = label.lower()
        found.update(name for name, marks in _LABELS if any(mark in lowered for mark in marks))
    return found


def _is_main(item: FilePatch) -> bool:
    path = item.path
    return (
        not item.is_binary
        and is_source(detect_language(path))
        and not is_test_path(path)
        and not is_vendored_path(path)
        and not is_generated_path(path)
        and not is_lock_file(path)
    )


def _shape_features(files: Sequence[FilePatch], sources: Sequence[FilePatch]) -> set[str]:
    found: set[str] = set()
    added: list[str] = []
    removed: list[str] = []
    hunks = 0
    for item in sources:
        hunks += len(item.hunks)
        for hunk in item.hunks:
            for mark, line in hunk.lines:
                if mark == "+" and line.strip():
                    added.append(line)
                elif mark == "-" and line.strip():
                    removed.append(line)
    total = len(added) + len(removed)
    added, removed = added[:_MAX_LINES], removed[:_MAX_LINES]
    share = len(added) / (len(added) + len(removed)) if total else 0.5
    found.add(
        "lines_none" if total == 0 else "lines_only_added" if share > 0.97 else
        "lines_mostly_added" if share > 0.75 else "lines_more_added" if share > 0.55 else
        "lines_balanced" if share > 0.42 else "lines_more_removed" if share > 0.1
        else "lines_only_removed"
    )  # fmt: skip
    found.add(
        "size_tiny" if total <= 4 else "size_small" if total <= 15 else "size_medium" if total <= 60
        else "size_large" if total <= 250 else "size_huge"
    )  # fmt: skip
    if hunks == 1:
        found.add("one_hunk")
    if len(sources) >= 5:
        found.add("many_sources")
    if not sources:
        found.add("no_sources")
    if any(item.status == "A" for item in sources):
        found.add("source_added")
    if any(item.status in "RC" for item in sources):
        found.add("source_renamed")
    if any(item.status == "D" for item in sources):
        found.add("source_deleted")
    tests = [item for item in files if is_test_path(item.path)]
    if tests:
        marks = [mark for item in tests for hunk in item.hunks for mark, _ in hunk.lines]
        only_added = marks.count("-") == 0 and marks.count("+") > 0
        found.add("tests_only_added" if only_added else "tests_changed")
        if any(item.status == "A" for item in tests):
            found.add("test_file_added")
        if total <= 15:
            found.add("tests_with_small_change")
    if any(is_docs_path(item.path) and not _LOG.search(item.path) for item in files):
        found.add("docs_touched")
    conditions = sum(_CONDITION.search(line) is not None for line in added)
    if added and conditions / len(added) >= 0.3:
        found.add("conditions_added")
    definitions = sum(_DEFINITION.search(line) is not None for line in added)
    gone = sum(_DEFINITION.search(line) is not None for line in removed)
    if definitions > gone:
        found.add("definitions_grow")
    elif definitions < gone:
        found.add("definitions_shrink")
    elif definitions:
        found.add("definitions_rewritten")
    exports = sum(_EXPORT.search(line) is not None for line in added)
    if exports > sum(_EXPORT.search(line) is not None for line in removed):
        found.add("exports_grow")
    old, new = {line.strip() for line in removed}, {line.strip() for line in added}
    if len(new) >= 4 and len(old & new) / len(new) >= 0.4:
        found.add("lines_moved")
    return found


def _symbol_features(
    sources: Sequence[FilePatch], before: Mapping[str, Source], after: Mapping[str, Source]
) -> set[str]:
    seen: list[tuple[Source | None, Source | None]] = []
    for item in sources[:MAX_AST_FILES]:
        old = before.get(item.path_before or "")
        new = after.get(item.path_after or "")
        known = [source for source in (old, new) if source is not None and _is_readable(source)]
        if len(known) == (item.path_before is not None) + (item.path_after is not None):
            seen.append((old, new))
    if not seen:
        return {"symbols_unknown"}
    symbols = symbol_changes(seen)
    found: set[str] = set()
    if symbols.added and not symbols.removed:
        found.add("symbols_only_added")
    elif symbols.added:
        found.add("symbols_added_and_removed")
    elif symbols.removed:
        found.add("symbols_only_removed")
    elif symbols.changed:
        found.add("symbols_only_changed")
    else:
        found.add("symbols_same")
    if len(symbols.changed) == 1 and not symbols.added and not symbols.removed:
        found.add("symbols_one_changed")
    if len(symbols.added) >= 5:
        found.add("symbols_many_added")
    if symbols.moved_or_renamed:
        found.add("symbols_moved")
    if symbols.signature_changed:
        found.add("signatures_changed")
    return found


def _is_readable(source: Source) -> bool:
    return source.language in SUPPORTED and 0 < len(source.text) <= MAX_AST_CHARS


def _ui_share(
    instruction: Instruction,
    files: Sequence[FilePatch],
    before: Mapping[str, Source],
    after: Mapping[str, Source],
    fix: float,
) -> tuple[float, tuple[str, ...]]:
    """How far the change is about a user interface component, 0..1, and why.

    The lines of UI files must be most of the change, and either a component appears or one is
    changed by a good deal; a likely bug fix stays a bug fix.
    """
    ui_lines = all_lines = 0
    introduced: list[str] = []
    changed: list[str] = []
    languages: set[str] = set()
    paths_agree = False
    for item in [item for item in files if _is_main(item)][: 2 * MAX_AST_FILES]:
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
        introduced += [name for name in names if name not in old_names]
        changed += [name for name in names if name in old_names and count >= 5]
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


def _component_names(source: Source | None, path: str) -> tuple[str, ...]:
    if source is None or not source.text or len(source.text) > MAX_AST_CHARS:
        return ()
    if source.language in ("vue", "svelte", "astro"):
        return (path.rsplit("/", 1)[-1].rsplit(".", 1)[0],)
    if "</" not in source.text and "/>" not in source.text:
        return ()
    return tuple(dict.fromkeys(item.name for item in components(source)))
