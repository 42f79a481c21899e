"""From a commit message to an instruction: what a developer could have been asked to do.

Only cleaning, no rewriting: what is left are the author's words in the author's order. The one
word that moves is the verb of a conventional prefix ("fix: leak" reads "fix leak"), since the
sentence would lose its verb with the prefix.
"""

from dataclasses import dataclass

import re2

MAX_MESSAGE_CHARS = 20_000
MAX_BODY_CHARS = 4_000
MIN_TITLE_WORDS = 2
MIN_TITLE_CHARS = 8
SHORT_TITLE_WORDS = 2
MIN_BULLET_WORDS = 2
MIN_FIX_WORDS = 2
MIN_BODY_WORDS = 6

# Conventional Commits 1.0.0, with the types of the Angular convention and their usual spellings.
_TYPES = {
    "feat": "feat", "feature": "feat", "feats": "feat", "fix": "fix", "fixes": "fix",
    "fixed": "fix", "bugfix": "fix", "hotfix": "fix", "bug": "fix", "security": "fix",
    "refactor": "refactor", "refact": "refactor", "refactoring": "refactor", "cleanup": "refactor",
    "perf": "perf", "docs": "docs", "doc": "docs", "style": "style", "lint": "style",
    "test": "test", "tests": "test", "build": "build", "deps": "build", "ci": "ci",
    "chore": "chore", "chores": "chore", "release": "release", "revert": "revert", "wip": "wip",
    "types": "types", "typing": "types",
}  # fmt: skip
_CONVENTIONAL = re2.compile(r"^([A-Za-z]{2,12}) ?(?:\(([^()]*)\)|\[([^\[\]]*)\])? ?(!)?: ?(.*)$")
_GITMOJI = {"bug": "fix", "ambulance": "fix", "sparkles": "feat", "recycle": "refactor",
            "art": "style", "memo": "docs", "zap": "perf", "white_check_mark": "test",
            "bookmark": "release", "arrow_up": "build", "fire": "refactor"}  # fmt: skip
_EMOJI_CODE = re2.compile(r":([a-z][a-z0-9_+-]{1,40}):")
_EMOJI = re2.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+")

_MERGE = re2.compile(
    r"(?i)^(?:merge[sd]?\b.*?\b(?:branch|branches|pull request|remote-tracking|tag|commit|into"
    r"|from|master|main|upstream|trunk)\b|merge (?:pr )?#\d+|merge$|merge conflicts?\b"
    r"|automatic merge)"
)
_REVERT = re2.compile(
    r"(?i)^(?:revert(?:s|ed|ing)?|back(?:ed|ing)? out|undo|roll(?:ed|ing)? back|rollback)\b"
)
_REVERT_BODY = re2.compile(r"(?im)^this reverts commit [0-9a-f]{7,40}")
_CHERRY_PICK = re2.compile(
    r"(?im)^\(?cherry[- ]picked from commit [0-9a-f]{7,40}|^\(backported from\b"
)
_VERSION = r"v?\d{1,5}(?:\.\d{1,6}){1,3}(?:[-.+]?[0-9a-z][-.0-9a-z]{0,30})?"
_VERSION_BUMP = re2.compile(
    rf"(?i)^(?:(?:release|version|tag|prepare|preparing|publish|bump(?:ing|ed)?|cut"
    rf"|ship)?[ :]*(?:for |to )?"
    rf"(?:release |version |the )?[\w./@-]{{0,60}} ?{_VERSION}(?: release| final| dev)?\.?$"
    rf"|(?:bump|bumps|bumped|bumping|upgrade|upgraded|upgrades|update|updates)\b.*?"
    rf"(?:\bfrom {_VERSION}.* to |\bto (?:version |the latest |latest )?{_VERSION}"
    rf"|\bversions?(?: numbers?)?\b)"
    rf"|(?:bump|upgrade|update|pin|unpin|refresh|relock)\w{{0,3}} .*?\b(?:dependenc(?:y|ies)|deps"
    rf"|lock ?files?|requirements|submodules?|pre-commit)\b"
    rf"|bump\b.*$|[\w./@-]{{1,60}}@[~^]?{_VERSION}$"
    rf"|\[maven-release-plugin\].*|version packages.*|version bump.*"
    rf"|(?:prepare|preparing|start|begin|set up|setup|open) .*\b(?:release|development"
    rf"|dev(?:el)? (?:cycle|version|iteration))\b.*"
    rf"|(?:post[- ]release|back to dev\w{{0,10}}|next (?:development )?(?:iteration|version)).*"
    rf"|(?:new |minor |patch )?release (?:of )?{_VERSION}.*|(?:release|version) {_VERSION}.*"
    rf"|{_VERSION}.*)$"
)
_BOT = re2.compile(
    r"(?i)\[(?:bot|pre-commit\.ci|create-pull-request|all-contributors|imgbot)\b"
    r"|^pre-commit autoupdate"
    r"|^\[?pre-commit\.ci\]?|^(?:auto(?:mated|matic)?[- ](?:commit|update|format\w{0,4}|release"
    r"|generated)\b)"
    r"|^docs: (?:add|update) .{1,60} as a contributor|^apply automatic changes|^update contributors"
    r"|^sync (?:with|from) upstream\b|^generated? (?:by|with) "
)
# What these name is left out of the response or stands apart from it, so that the source lines of
# such a commit are incidental to its message.
_ABOUT_TESTS = re2.compile(
    r"(?i)^(?:[\w.-]+: )?(?:[\w-]+[- ]fail |[\w-]+/)?"
    r"(?:(?:add|adds|added|adding|more|new|write|fix|fixes|fixed|fixing"
    r"|update|updated|improve|improved"
    r"|remove|removed|enable|disable|skip|split|rename|refactor|simplify|use|make|mark|move"
    r"|moved|run|extend|cover)"
    r" (?:[\w.`'()/-]+ ){0,3})?(?:unit |regression |failing |integration )?"
    r"(?:tests?|test ?cases?|test ?suite|(?:test )?coverage|unittests?)\b(?: (?:for|to|of|on|in"
    r"|that|with|when|and|by|as)\b.*|[.!]?)$"
)
_ABOUT_DOCS = re2.compile(
    r"(?i)^(?:[\w.-]+: )?(?:document(?:s|ed|ing)?\b.*|docs?\b.*|javadocs?\b.*|documentation\b.*"
    r"|comments?\b.*"
    r"|(?:\S+ ){0,6}(?:docs?|documentation|docstrings?|javadocs?|doc ?comments?|typos?|comments?"
    r"|spelling|grammar"
    r"|readme(?:\.\w+)?|changelog(?:\.\w+)?|copyright|licen[cs]e headers?|changes\.\w+|history)"
    r"(?: (?:for|to|of|on|in|about|and|at|with|by|from|that|regarding)\b.*|[.!]?))$"
)
# Where the last part of an enumeration starts.
_LAST_PART = re2.compile(r"(?i),?[ ](?:and|with|plus|including|\+|&) [^,]*$")
_FIXUP = re2.compile(r"(?i)^(?:fixup|squash|amend)! ")
# What the title was about has been cut off, by its author or with an address that stood there.
_CUT = re2.compile(r"(?i)(?:'s|\b(?:of|the|a|an|and|or|with|from|into|based on|according to))$")
# That something is wrong, which says little beside one word of where.
_FIX_HEAD = re2.compile(
    r"(?i)^(?:fix|bugfix|hotfix|solv|resolv|repair|correct)\w*\b"
    r"|\b(?:bug|issue|error|problem|quirk)s?$"
)
# A verb that asks for a change of any kind, and what would say of which kind. The name of what is
# to be improved or refactored does not.
_LOOSE = re2.compile(
    r"(?i)^(?:(?:more|some|minor|misc|miscellaneous|small|general|further)\b"
    r"|(?:updat|improv|tweak|adjust|polish|enhanc|refactor|rework|refin|clean|tidy|chang|modif"
    r"|optimi[sz]|restructur|reorgani[sz])\w*\b)"
    r"|\b(?:tweaks|updates|improvements|adjustments|refinements|changes|fixes|clean-?ups?"
    r"|touch-?ups?|follow-?ups?)$"
)
_SPECIFIC = re2.compile(
    r"(?i)--\w|\d|\b(?:(?:performance|speed|memory) of|to|by|from|into|for|with|without|via"
    r"|using|as|if|when|while|after|before|during|so|that|which|not|no|only|instead|remov(?:e[sd]?|ing)|add\w*|fix\w*"
    r"|renam\w+|extract\w*|use|unused|dead|obsolete|redundant|duplicated?|unnecessary|unneeded"
    r"|deprecated)\b"
)
# An attempt, work that goes on, or a bow to a tool's complaint: none says what is wanted.
_HEDGE = re2.compile(
    r"(?i)^(?:(?:perhaps|maybe|possibly|hopefully|appease|pacify|placate|please) "
    r"|(?:start|begin|continu|resum|finish|initial|ongoing|on going|more|some|further)\w* work\b)"
)

_TRAILER = re2.compile(
    r"(?i)^[ \t]*(?:signed-off-by|co-authored-by|co-developed-by|reviewed-by|acked-by|tested-by"
    r"|reported-by|suggested-by|helped-by|change-id|reviewed-on|commit-queue|auto-submit|git-svn-id"
    r"|differential revision|reviewers|subscribers|cc|pr-url|pull-request|pull request|backport-of"
    r"|svn-revision|original-commit|github-pull-request|x-[a-z-]{1,30}|on-behalf-of|made-with"
    r"|generated-by|assisted-by|author|patch by|submitted by|obtained from|changelog(?:-[a-z]+)?"
    r"|release-note|migrated-from|bug-id|test plan|kudos|thanks to)[ \t]*:?[ \t]"
)
_TRAILER_SHAPE = re2.compile(r"^[A-Z][A-Za-z]{1,20}(?:-[A-Za-z]{1,20}){1,4}: \S")
_REFERENCE = re2.compile(r"(?:\b(?:GH|gh)-|#)(\d{1,7})\b")
_TICKET = re2.compile(r"\b([A-Z][A-Z0-9]{1,9}-\d{1,6})\b")
_NO_TICKETS = ("UTF-", "ISO-", "SHA-", "RFC-", "PEP-", "CVE-", "MD-", "GH-", "ES-", "TLS-", "HTTP-",
               "UCS-", "X-", "IEEE-", "AES-", "RSA-", "CP-", "IPV-", "BASE-")  # fmt: skip
_TICKET_HEAD = re2.compile(
    r"^(?:[\[(]?([A-Z][A-Z0-9]{1,9}-\d{1,6})[\])]?"
    r"|[\[(]([a-z]{2,9}-\d{1,6})[\])])(?:[ \t:.,/&-]+|$)"
)
_TICKET_WORD = re2.compile(r"^[A-Z][A-Z0-9]{1,9}-\d{1,6}[.,:;]?$")
_TICKET_TAIL = re2.compile(r"[ \t]*[\[(][A-Z][A-Z0-9]{1,9}-\d{1,6}[\])][ \t.]*$")

_TRACKER_URL = (
    r"https?://[^\s()<>]+/(?:issues?|pull|pulls|merge_requests|commit|commits|browse|discussions"
    r"|jira|bugs?|questions)/[^\s()<>,;]+"
)
_REF = rf"(?:(?:[\w.-]+/[\w.-]+)?#\d+|\bGH-\d+|{_TRACKER_URL})"
_CLOSING = (
    r"(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|ref(?:s|erences?)?|re|see(?: also)?|related(?: to)?"
    r"|relates to|part of|connects(?: to)?|addresses|implements|follow[- ]?up(?: (?:to|of|on))?"
    r"|supersedes"
    r"|replaces|discussed in|per|towards?|issue|issues|bug|pr|prs|pull|pull request|ticket|via"
    r"|from)"
)
_REF_LIST = rf"{_REF}(?:(?:[ ,;&]|\band\b)+(?:{_CLOSING}:? )?{_REF})*"
_FIX_REF_HEAD = re2.compile(
    rf"(?i)^(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?):? {_REF_LIST}[ :.,-]+(\S.*)$"
)
_REF_IN_BRACKETS = re2.compile(rf"(?i)[ \t]*[(\[](?:{_CLOSING}:?[ \t]*)*{_REF_LIST}[^()\[\]]*[)\]]")
_REF_PHRASE = re2.compile(
    rf"(?i)(?:[-,.;:]?[ \t]*\b(?:{_CLOSING}|(?:and )?this(?: also)?(?: should)?|comments on|in|by"
    rf"|with|for|of|to|as of|after|since)\b:?[ \t]*)*{_REF_LIST}"
)
_REF_LINE = re2.compile(
    rf"(?i)^[ \t*+-]*(?:{_CLOSING}|link|links|url|source|docs?|more info|thread|discussion"
    rf"|at)?[ \t]*:?[ \t]*"
    rf"(?:{_REF_LIST}|https?://\S+|\[[^\]]*\]:? ?\(?https?://\S+)[ \t.)]*$"
)
_THANKS = re2.compile(
    r"(?i)[ \t]*\(?\b(?:(?:many )?thanks (?:to|for)|thank you\b|thx to|submitted by"
    r"|(?:based on )?(?:a )?patch"
    r" (?:submitted )?(?:by|from)|reported (?:and \w+ )?by|contributed by|suggested by|h/t|hat tip"
    r"|reviewed by)[^\n()]*\)?[ \t]*$"
)
_SKIP_CI = re2.compile(
    r"(?i)[ \t]*(?:\[(?:skip|no)[ -](?:ci|changelog|actions|tests|travis|appveyor)\]|\[(?:ci"
    r"|actions)[ -]skip\]"
    r"|skip-checks: ?true|\*\*\*no_ci\*\*\*)"
)
_CHECKLIST = re2.compile(r"^[ \t]*[-*+] \[[ xX]?\]")
_TEMPLATE_HEADING = re2.compile(
    r"(?i)^[ \t]*(?:#{1,6}|\*\*)[ \t]*(?:check ?list|type of change|types of changes"
    r"|how has this been tested"
    r"|how to test|test plan|testing|screenshots?|pull request|pr |before submitting"
    r"|related issues?"
    r"|issues? (?:ticket|link)|additional (?:context|notes|information)|contribut|reviewers?"
    r"|linked issues?"
    r"|release notes?|notes for reviewers?|todo|tests?\b|documentation\b)"
)
_HEADING = re2.compile(r"^[ \t]*#{1,6}[ \t]+(.*?)[ \t]*#*$")
_SEPARATOR = re2.compile(r"^[ \t]*[-=_*~]{3,}[ \t]*$")
_IMAGE = re2.compile(r"!\[[^\]]*\]\([^()\s]{0,500}\)|<img\b[^<>]*>")
_HTML_TAG = re2.compile(
    r"(?i)</?(?:details|summary|p|br|b|i|em|strong|a|div|span|ul|li|sub|sup|h[1-6])\b[^<>]*>"
)
_EMAIL_IN_BRACKETS = re2.compile(r"[ \t]*<[^<>\s@]+@[^<>\s]+>")
_PARAGRAPHS = re2.compile(r"\n{3,}")
_BLANKS = re2.compile(r"[ \t]{2,}")
_SQUASH_BULLET = re2.compile(r"^([ \t]*[*-][ \t]+)(.*)$")
_FILE_NAME = re2.compile(r"^[`'\"]?(?:[\w./-]*\.[a-z][a-z0-9]{0,5}|\w[\w.-]*/[\w./-]+)[`'\"]?$")
_WORD = re2.compile(r"[A-Za-z_][\w'-]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A title made of these words alone says that something was done, not what.
_GENERIC = _words(
    "internal internals "
    "a an the some more few minor small little tiny quick another other misc miscellaneous "
    "various several many general last final latest current new old first initial commit "
    "commits import fix fixes fixed fixing bugfix bugfixes hotfix bug bugs issue issues error "
    "errors problem problems quirk quirks update updates updated updating change changes changed "
    "changing "
    "modify modified edit edits edited improve improves improved improvement improvements "
    "tweak tweaks tweaked adjust adjustments enhance enhancement enhancements clean cleaned "
    "cleanup cleanups cleaning up tidy refactor refactors refactored refactoring polish wip "
    "work in progress temp tmp debug stuff things thing code source file files it this that "
    "again oops typo typos spelling grammar whitespace spaces formatting format formatted "
    "reformat style styles styling lint linter linting eslint prettier checkstyle flake8 pep8 "
    "black test tests testing tested spec specs build ci travis docs doc documentation "
    "docstring docstrings readme changelog comment comments javadoc javadocs address "
    "addresses addressed review reviews feedback reviewer pr nit nits suggestion suggestions "
    "merge conflict conflicts resolve resolved sync rebase squash and or of to for on with by "
    "from per after before as is was be done now bump version release ok okay part one two "
    "try attempt checkpoint save simplify rename renamed move moved add added adding adds "
    "remove removed delete deleted use used using make made better nicer correct corrected "
    "correction corrections mistake mistakes silly stupid missed forgot missing todo warning "
    "warnings coverage failing broken fail failure failures compile compilation compiler my "
    "your sonar pmd findbugs spotbugs cs nits feat feature features chore revert reword "
    "wording sort rebuild regenerate lots refine refined refinement refinements various several"
)
# What a title may be about without saying what to do; beside a body that says it they do no harm.
_VAGUE = _words(
    "performance perf optimize optimise optimized optimised optimization optimizations "
    "optimisation speed speedup faster readability clarity consistency modernize modernise modern "
    "quality logic behaviour behavior little bit cosmetic cosmetics idiomatic variable variables "
    "naming name names method methods function functions class classes require requires required "
    "support supports supported drop drops dropped upgrade upgraded latest version versions "
    "python node node.js nodejs js java jdk go rust php ruby typescript newer older dependency "
    "dependencies deps package packages parameter parameters argument arguments param params "
    "value values option options property properties type types typings helper helpers util utils "
    "utility utilities example examples script scripts demo demos implementation needed not no "
    "longer anymore"
)
# A prefix of these types is itself the verb of what follows it.
_VERB_OF_TYPE = {"fix": "fix", "refactor": "refactor"}
_VERB_ENDINGS = ("ing", "ed")
_VERBS = _words(
    "add adds allow allows apply avoid bring bump bypass cache call catch change check clean "
    "clear close collapse compute convert copy correct create deal decode default define "
    "delay delete deprecate derive detect disable discard display do document don't dont drop "
    "emit enable encode ensure escape exclude expand export expose extend extract fall filter "
    "fix fixes fixup flush follow force forward generate get give guard handle handles hide "
    "ignore implement improve include increase initialize inline insert introduce invoke "
    "isolate join keep let limit load lock log lower make mark match merge migrate move name "
    "never normalize omit only open optimize organize override parse pass perform pin prefer "
    "preserve prevent propagate protect provide put quote raise read rebuild record reduce "
    "refactor register reject release remove rename render reorder repair replace report "
    "require reset resolve respect restore restrict retry return reuse revert rewrite run "
    "sanitize save send separate serialize set show simplify skip sort specify split start "
    "stop store strip support suppress swap switch sync take test throw tighten track "
    "transform treat trim try turn unify update upgrade use uses validate verify wait warn "
    "wrap write adjust address align account deduplicate reorganize restructure cleanup "
    "consolidate decouple harden bound clamp detach rework mention tolerate resize"
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """A cleaned commit message.

    `type` is the conventional type ("fix", "feat", "refactor", "perf", "docs", …), `references`
    are "#123" and "KEY-123" in order of appearance, and `reason` says why the message is no
    instruction (`message_empty`, `message_too_short`, `message_uninformative`, `version_bump`,
    `merge`, `revert`, `cherry_pick`, `bot`, `message_about_tests`, `message_about_docs`),
    or is None where it is one.
    """

    title: str
    body: str
    text: str
    type: str | None
    scope: str | None
    breaking: bool
    references: tuple[str, ...]
    reason: str | None

    @property
    def is_short(self) -> bool:
        """Whether at most two words and no body to speak of are all there is."""
        return (
            len(self.title.split()) <= SHORT_TITLE_WORDS
            and len(_informative_words(self.body)) < MIN_BODY_WORDS
        )

    @property
    def is_terse(self) -> bool:
        """Whether at most one word names something, the scope included, and there is no body."""
        named = {*self.things, *((self.scope.lower(),) if self.scope else ())}
        return len(named) <= 1 and len(_informative_words(self.body)) < MIN_BODY_WORDS

    @property
    def things(self) -> tuple[str, ...]:
        """The words of the title that may name something in the code, in lower case."""
        words = (word.lower() for word in _concrete_words(self.title))
        return tuple(word for word in words if not _is_verb(word))


def clean_message(message: str) -> Instruction:
    """Clean a commit message, or say why it is no instruction.

    Args:
        message: The whole message; only the first `MAX_MESSAGE_CHARS` characters are read.

    Returns:
        The instruction. Its texts are filled in even where `reason` is set.

    """
    raw = message[:MAX_MESSAGE_CHARS].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    raw = _without_html_comments(raw).strip()
    first, _, rest = raw.partition("\n")
    first, rest = _join_wrapped_title(first.strip(), rest)
    references = _references(raw)
    title, type_, scope, breaking = _split_prefix(first)
    breaking = breaking or "\nBREAKING CHANGE" in raw or "\nBREAKING-CHANGE" in raw
    title = _clean_title(title)
    body = _clean_body(rest, title)
    reason = _reason(raw, first, title, body, type_, scope)
    title = _with_verb(title, type_)
    text = f"{title}\n\n{body}" if body else title
    if scope and title and scope.lower() not in text.lower():
        text = f"{scope}: {text}"
    return Instruction(title, body, text, type_, scope, breaking, references, reason)


def is_housekeeping_type(type_: str | None) -> bool:
    """Whether a conventional type announces no change of the code itself."""
    return type_ in ("build", "ci")


def _without_html_comments(text: str) -> str:
    parts: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        parts.append(text[position:start])
        end = text.find("-->", start)
        position = len(text) if end < 0 else end + 3
    return "".join([*parts, text[position:]])


def _join_wrapped_title(first: str, rest: str) -> tuple[str, str]:
    """Undo GitHub's cut of a long squash title: "Some long ti…" + "…tle goes on"."""
    following, _, remainder = rest.lstrip("\n").partition("\n")
    for mark in ("…", "..."):
        if first.endswith(mark) and following.startswith(mark):
            return first[: -len(mark)] + following[len(mark) :], remainder
    return first, rest


def _references(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _REFERENCE.finditer(text):
        found.setdefault(f"#{match.group(1)}")
    for match in _TICKET.finditer(text):
        if not match.group(1).startswith(_NO_TICKETS):
            found.setdefault(match.group(1))
    return tuple(found)[:50]


def _split_prefix(title: str) -> tuple[str, str | None, str | None, bool]:
    title, gitmoji = _strip_emoji(title)
    while (ticket := _TICKET_HEAD.match(title)) is not None:
        if (ticket.group(1) or "").startswith(_NO_TICKETS):
            break
        title = title[ticket.end() :]
    closing = _FIX_REF_HEAD.match(title)
    if closing is not None:
        return closing.group(1), "fix" if title[:3].lower() == "fix" else gitmoji, None, False
    match = _CONVENTIONAL.match(title)
    if match is None:
        return title, gitmoji, None, False
    type_ = _TYPES.get(match.group(1).lower())
    if type_ is None:
        return title, gitmoji, None, False
    rest, _ = _strip_emoji(match.group(5))
    return rest, type_, match.group(2) or match.group(3), match.group(4) is not None


def _strip_emoji(title: str) -> tuple[str, str | None]:
    code = _EMOJI_CODE.search(title)
    type_ = _GITMOJI.get(code.group(1)) if code is not None else None
    title = _EMOJI.sub("", _EMOJI_CODE.sub("", title))
    return title.strip(), type_


def _clean_line(line: str) -> str:
    line = _SKIP_CI.sub("", line)
    line = _IMAGE.sub("", line)
    line = _HTML_TAG.sub("", line)
    line = _EMAIL_IN_BRACKETS.sub("", line)
    line = _REF_IN_BRACKETS.sub("", line)
    line = _REF_PHRASE.sub("", line)
    cleaned: str = _EMOJI.sub("", line)
    return cleaned


def _clean_title(title: str) -> str:
    title = _clean_line(title)
    title = _TICKET_TAIL.sub("", title)
    title = _THANKS.sub("", title)
    title = _BLANKS.sub(" ", title.replace("\t", " "))
    return title.strip(" \t-,;:*#>").removesuffix(".").rstrip()


def _clean_body(rest: str, title: str) -> str:
    kept: list[str] = []
    in_fence = in_template = in_trailer = False
    for line in rest.split("\n"):
        if line.lstrip().startswith("```"):
            in_fence = not in_fence
        elif not in_fence:
            if line[:1] in (" ", "\t") and in_trailer:
                continue
            in_trailer = bool(_TRAILER.match(line) or _TRAILER_SHAPE.match(line))
            if in_trailer or _CHERRY_PICK.match(line) or _SEPARATOR.match(line):
                continue
            if _TEMPLATE_HEADING.match(line):
                in_template = True
                continue
            heading = _HEADING.match(line)
            if heading is not None:
                in_template = False
                line = heading.group(1)
            if in_template or _CHECKLIST.match(line) or _REF_LINE.match(line):
                continue
            bullet = _SQUASH_BULLET.match(line)
            if bullet is not None:
                text = _bullet_text(bullet.group(2), title)
                if text is None:
                    continue
                line = bullet.group(1) + text
            line = _THANKS.sub("", _clean_line(_EMOJI_CODE.sub("", line))).rstrip()
            if line.strip(" \t*+-.:;()") == "":
                line = ""
        kept.append(line.rstrip())
    body: str = _PARAGRAPHS.sub("\n\n", "\n".join(kept)).strip()
    if len(body) > MAX_BODY_CHARS:
        cut = body.rfind("\n", 0, MAX_BODY_CHARS)
        body = body[: cut if cut > 0 else MAX_BODY_CHARS].rstrip()
    return body


def _bullet_text(text: str, title: str) -> str | None:
    """Strip a squash bullet of its prefix; None where it says nothing or repeats the title."""
    rest, type_, _, _ = _split_prefix(text.strip())
    cleaned = _clean_title(rest)
    if (
        _MERGE.match(rest) is not None
        or type_ in ("docs", "style", "test", "build", "ci", "chore", "release", "wip")
        or len(cleaned.split()) < MIN_BULLET_WORDS
        or not _informative_words(cleaned)
        or _bare(cleaned) == _bare(title)
        or _about(cleaned) is not None
    ):
        return None
    return text.strip() if type_ is None else _with_verb(rest.strip(), type_)


def _bare(title: str) -> str:
    """A title without what squashed commits differ in: case, quotes and the verb of a prefix."""
    return title.lower().replace("`", "").removeprefix("fix ").removeprefix("refactor ")


def _about(title: str) -> str | None:
    """The reason of a title that speaks of tests or prose alone.

    "Add a method with tests" speaks of the method, since what stands before its last part is
    complete.
    """
    for reason, pattern in (
        ("message_about_tests", _ABOUT_TESTS),
        ("message_about_docs", _ABOUT_DOCS),
    ):
        if not pattern.match(title):
            continue
        first = _LAST_PART.sub("", title)
        whole = first == title or len(first.split()) < MIN_TITLE_WORDS or _about(first) is not None
        if whole or not _concrete_words(first):
            return reason
    return None


def _with_verb(title: str, type_: str | None) -> str:
    verb = _VERB_OF_TYPE.get(type_ or "")
    return f"{verb} {title}" if verb and title and not _starts_with_verb(title) else title


def _informative_words(text: str) -> list[str]:
    words = [word for word in text.split() if not _FILE_NAME.match(word)]
    words = [word for word in words if not _is_ticket(word)]
    return [
        word
        for word in _WORD.findall(" ".join(words))
        if word.lower() not in _GENERIC and len(word) > 1
    ]


def _is_ticket(word: str) -> bool:
    return _TICKET_WORD.match(word) is not None and not word.startswith(_NO_TICKETS)


def _concrete_words(title: str) -> list[str]:
    return [word for word in _informative_words(title) if word.lower() not in _VAGUE]


def _starts_with_verb(title: str) -> bool:
    return _is_verb(title.split(" ", 1)[0].lower())


def _is_verb(word: str) -> bool:
    return word in _VERBS or word.removesuffix("s") in _VERBS or word.endswith(_VERB_ENDINGS)


def _reason(
    raw: str, first: str, title: str, body: str, type_: str | None, scope: str | None
) -> str | None:
    bare, titled = first.lstrip("[( "), _with_verb(title, type_)
    checks = (
        ("message_empty", not title and not body),
        ("merge", _MERGE.match(bare) or (type_ is None and _MERGE.match(title))),
        (
            "revert",
            type_ == "revert"
            or _REVERT.match(bare)
            or _REVERT.match(title)
            or _REVERT_BODY.search(raw),
        ),
        ("cherry_pick", _CHERRY_PICK.search(raw)),
        ("bot", _BOT.search(first)),
        (
            "version_bump",
            type_ == "release" or _VERSION_BUMP.match(first) or _VERSION_BUMP.match(title),
        ),
        ("message_uninformative", type_ == "wip" or _FIXUP.match(first)),
    )
    for reason, found in checks:
        if found:
            return reason
    if len(_informative_words(body)) < MIN_BODY_WORDS:
        if not _concrete_words(title):
            return "message_uninformative" if _WORD.search(title) else "message_empty"
        if len(title.split()) < MIN_TITLE_WORDS or len(title) < MIN_TITLE_CHARS:
            return "message_too_short"
        if _CUT.search(title) or _HEDGE.match(title):
            return "message_uninformative"
        if _LOOSE.search(titled) and not _SPECIFIC.search(title):
            return "message_uninformative"
    if type_ in ("test", "docs"):
        return "message_about_tests" if type_ == "test" else "message_about_docs"
    about = _about(title)
    return "message_uninformative" if about is None and _is_bare_fix(body, titled, scope) else about


def _is_bare_fix(body: str, title: str, scope: str | None) -> bool:
    """Whether something is to be fixed of which no more than one word is said."""
    if len(_informative_words(body)) >= MIN_BODY_WORDS or _FIX_HEAD.search(title) is None:
        return False
    where = [word for word in _informative_words(title) if not _is_verb(word.lower())]
    return len(where) + (scope is not None) < MIN_FIX_WORDS
