"""What a change is about besides its category: the facets that a mix may ask for.

Words of the instruction and names in the changed code are weighed together: a title may say it
outright; code alone says it only where much of the change is about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import re2

_MOST_CHARS: Final = 30_000
_EVIDENCE_CHARS: Final = 40


class Facet(NamedTuple):
    """A facet in `FACETS`, and what says so: `title:deadlock`, `code:sync.Mutex`."""

    name: str
    evidence: str


def _words(*patterns: str) -> re2._Regexp:
    return re2.compile(rf"(?i)(?:^|[^\w.])({'|'.join(patterns)})(?:$|[^\w])")


def _code(*patterns: str) -> re2._Regexp:
    return re2.compile(f"({'|'.join(patterns)})")


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a facet.

    Attributes:
        said: words in a title that say it outright.
        hinted: words in title or body that say it where the code agrees.
        code: names and syntax in added and removed lines.
        alone: signs in the code that say it without words; 0: none ever do.
        share: of the changed lines, that these must be.
    """

    said: re2._Regexp
    hinted: re2._Regexp
    code: re2._Regexp
    alone: int
    share: float


_SIGNS: Final[Mapping[str, _Signs]] = MappingProxyType(
    {
        "error_handling": _Signs(
            _words(
                r"error[- ]handling",
                r"exception[- ]handling",
                r"handl\w+ (?:\w+ ){0,2}"
                r"(?:errors?|exceptions?|failures?|panics?)",
                r"graceful\w*",
                r"swallow\w*",
                r"(?:unhandled|uncaught) \w+",
                r"null ?pointer \w+",
                r"NPE",
                r"nil[- ](?:pointer|deref\w*|check)",
                r"null[- ]checks?",
                r"defensive\w*",
                r"error messages?",
                r"don't (?:crash|panic)",
                r"(?:avoid|prevent)\w* (?:a |the )?"
                r"(?:crash\w*|panics?)",
                r"retr(?:y|ies|ying)",
            ),
            _words(
                r"crash\w*",
                r"panics?",
                r"exceptions?",
                r"errors?",
                r"rais(?:e|es|ing)",
                r"throws?",
                r"fail\w*",
                r"invalid",
                r"validat\w+",
                r"reject\w*",
                r"fall ?back",
                r"timeouts?",
                r"\w+Error",
                r"\w+Exception",
            ),
            _code(
                r"\btry\s*[:{]",
                r"\bexcept\b.*:",
                r"\bcatch\s*[({]",
                r"\braise \w",
                r"\bthrow new ",
                r"\bthrow \w",
                r"\bif err != nil\b",
                r"\berrors\.(?:New|Is|As|Wrap\w*)\b",
                r"\bfmt\.Errorf\(",
                r"\.catch\(",
                r"\bunwrap_or\w*\(",
                r"\.map_err\(",
                r"\bErr\(",
                r"\bok_or\w*\(",
                r"\brecover\(\)",
                r"\bis (?:not )?None\b",
                r"[!=]==? ?(?:null|nil"
                r"|undefined|NULL|nullptr)\b",
                r"\?\.\w",
                r"\bfinally\b",
            ),
            5,
            0.4,
        ),
        "concurrency": _Signs(
            _words(
                r"race[- ]conditions?",
                r"data ?races?",
                r"races?",
                r"racy",
                r"dead-?locks?\w*",
                r"livelocks?",
                r"thread[- ]?saf\w+",
                r"concurren(?:t|tly|cy)",
                r"mutex\w*",
                r"goroutines?",
                r"atomic(?:ally|ity)?",
                r"multi-?thread\w*",
                r"threads?",
                r"threading",
                r"parallel\w*",
                r"asyncio",
                r"thread ?pools?",
                r"semaphores?",
                r"locking",
                r"synchroni[sz]ation",
            ),
            _words(
                r"lock\w*",
                r"wait\w*",
                r"async\w*",
                r"await\w*",
                r"workers?",
                r"hang\w*",
                r"channels?",
                r"futures?",
                r"promises?",
                r"tasks?",
                r"event loop",
                r"schedul\w+",
                r"cancel\w*",
                r"synchron\w+",
            ),
            _code(
                r"\bthreading\.\w+",
                r"\basyncio\.\w+",
                r"\b(?:tri?o|anyio)\.\w+",
                r"\bsync\.(?:RW)?"
                r"(?:Mutex|WaitGroup|Once|Pool|Map|Cond)\b",
                r"\batomic\.\w+",
                r"\bgo func\b",
                r"\bmake\(chan\b",
                r"<-\s*chan\b|\bchan<-",
                r"\bsynchronized\b",
                r"\bvolatile\b",
                r"\bAtomic[A-Z]\w+",
                r"\bReentrant\w*Lock\b",
                r"\bConcurrent[A-Z]\w+",
                r"\bExecutor\w*",
                r"\bCompletableFuture\b",
                r"\bstd::(?:thread|mutex|atomic)\b",
                r"\bArc<",
                r"\b(?:Mutex|RwLock|OnceLock|AtomicBool|AtomicUsize)\b",
                r"\bmpsc\b",
                r"\btokio::(?:spawn|select|sync)\b",
                r"\bPromise\.(?:all|race|any)\w*\(",
                r"\bnew Worker\(",
                r"\bpthread_\w+",
                r"\b[Mm]utex\b",
                r"\b(?:un)?lock\(\)",
                r"\.(?:RLock|RUnlock|Lock|Unlock)\(\)",
                r"\bmultiprocessing\.\w+",
                r"\bconcurrent\.futures\b",
                r"\bThreadPool\w*",
            ),
            3,
            0.15,
        ),
        "security": _Signs(
            _words(
                r"CVE-\d{4}-\d+",
                r"GHSA-[\w-]+",
                r"vulnerab\w+",
                r"security",
                r"XSS",
                r"CSRF",
                r"SSRF",
                r"XXE",
                r"ReDoS",
                r"(?:sql|command|code|header|shell|crlf|html) injections?",
                r"path[- ]traversals?",
                r"directory traversal (?:attacks?|vuln\w+)",
                r"prototype pollution",
                r"privilege escalation",
                r"denial[- ]of[- ]service",
                r"open redirects?",
                r"timing attacks?",
                r"constant[- ]time",
                r"(?:buffer|stack|heap) overflows?",
                r"use[- ]after[- ]free",
                r"out[- ]of[- ]bounds (?:reads?|writes?)",
                r"sanitiz\w+",
                r"(?:leak\w*|expos\w+|redact\w*) (?:\w+ ){0,2}(?:credentials?"
                r"|passwords?|secrets?|tokens?)",
                r"exploit\w*",
                r"untrusted",
                r"cross[- ]site \w+",
            ),
            _words(
                r"escap\w+",
                r"certificates?",
                r"tls",
                r"ssl",
                r"verif\w+",
                r"passwords?",
                r"secrets?",
                r"tokens?",
                r"auth\w*",
                r"permissions?",
                r"encrypt\w*",
                r"insecure",
                r"safe\w*",
                r"unsafe",
                r"eval",
                r"shell",
                r"injection",
                r"origins?",
                r"credentials?",
                r"hmac",
                r"signatures?",
                r"cors",
                r"headers?",
            ),
            _code(
                r"\bcompare_digest\(",
                r"\bConstantTimeCompare\(",
                r"\btimingSafeEqual\(",
                r"\bsafe_load\(",
                r"\bdefusedxml\b",
                r"\bshlex\.quote\(",
                r"\bsecrets\.\w+",
                r"\bDOMPurify\b",
                r"\bescape(?:Html|HTML|_html|Shell\w*)\b",
                r"\bhtml\.escape\(",
                r"\bsanitiz\w+\(",
                r"\bverify=(?:False|True)\b",
                r"\bInsecureSkipVerify\b",
                r"\brejectUnauthorized\b",
                r"\byaml\.load\(",
                r"\bshell=(?:True|False)\b",
                r"\bpickle\.loads?\(",
                r"\beval\(",
                r"\b(?:strcpy|strcat|gets|sprintf)\(",
                r"\bcsrf\w*\b",
                r"\bHttpOnly\b|\bhttponly\b",
                r"\bSameSite\b"
                r"|\bsamesite\b",
                r"\bcheck_hostname\b",
                r"\bCERT_(?:NONE|REQUIRED)\b",
                r"\bhmac\.\w+",
                r"\bContent-Security-Policy\b",
            ),
            3,
            0.3,
        ),
        "performance": _Signs(
            _words(
                r"performan(?:ce|t)",
                r"perf",
                r"speed(?:s|ing)?(?:[- ]?ups?| up)",
                r"fast(?:er|path)",
                r"optimi[sz](?:e|es|ed|ing|ations?)",
                r"(?:too|very) slow",
                r"slow(?:ness|downs?)",
                r"latency",
                r"throughput",
                r"memory[- ](?:usage|consumption|footprint|overhead)",
                r"(?:avoid\w*|reduc\w+|fewer|less|extra|no) (?:\w+ )?alloc\w+",
                r"caching",
                r"memoi[sz]\w*",
                r"quadratic",
                r"bottlenecks?",
                r"hot[- ]?(?:path|loop)",
                r"pre-?alloc\w*",
                r"inefficien\w+",
                r"more efficien\w+",
                r"efficien(?:cy|tly)",
                r"(?:unnecessar(?:y|ily)|redundant|needless|extra) "
                r"(?:\w+ )?(?:cop(?:y|ies)|clon\w+|alloc\w*|re-?renders?|calls?|work|lookups?"
                r"|computations?|quer(?:y|ies))",
            ),
            _words(
                r"cach(?:e|es|ed)",
                r"lazy",
                r"lazily",
                r"reus\w+",
                r"batch\w*",
                r"cost\w*",
                r"expensive",
                r"benchmarks?",
            ),
            _code(
                r"\blru_cache\b",
                r"\bfunctools\.cache\b",
                r"\bcached_property\b",
                r"\buseMemo\(",
                r"\buseCallback\(",
                r"\bReact\.memo\(",
                r"\bmemoize\w*\(",
                r"\bwith_capacity\(",
                r"\bstrings\.Builder\b",
                r"\bsync\.Pool\b",
                r"\b__slots__\b",
                r"#\[inline",
                r"\bsetdefault\(",
                r"\bnew WeakMap\(",
                r"\bSet\(\)|\bnew Set\(",
                r"\bensureCapacity\(",
                r"\bCow::",
            ),
            0,
            0.0,
        ),
        "integration": _Signs(
            _words(
                r"integrat(?:e|es|ion|ions) with",
                r"web-?hooks?",
                r"(?:database|framework) adapters?",
            ),
            _words(
                r"redis",
                r"kafka",
                r"rabbitmq",
                r"amqp",
                r"postgres\w*",
                r"mysql",
                r"mariadb",
                r"mongo\w*",
                r"sqlite3?",
                r"s3",
                r"aws",
                r"gcp",
                r"gcs",
                r"azure",
                r"docker\w*",
                r"kubernetes",
                r"k8s",
                r"grpc",
                r"graphql",
                r"oauth2?",
                r"oidc",
                r"saml",
                r"ldap",
                r"slack",
                r"discord",
                r"telegram",
                r"github",
                r"gitlab",
                r"bitbucket",
                r"jira",
                r"stripe",
                r"paypal",
                r"sentry",
                r"prometheus",
                r"open-?telemetry",
                r"datadog",
                r"elastic\w*",
                r"fastcgi",
                r"boto3?",
                r"firebase",
                r"supabase",
                r"openai",
                r"anthropic",
                r"consul",
                r"vault",
                r"etcd",
                r"zookeeper",
                r"memcached",
                r"smtp",
                r"systemd",
                r"terraform",
                r"nginx",
                r"django",
                r"flask",
                r"fastapi",
                r"express",
                r"spring",
                r"webpack",
                r"vite",
                r"eslint",
                r"vercel",
                r"netlify",
                r"cloudflare",
            ),
            _code(
                r"(?i:redis|kafka|amqp|postgres|mysql|mongo|sqlite|boto|s3\b|azure|docker|kube|grpc"
                r"|graphql|oauth|oidc|saml|ldap|slack|discord|telegram|github|gitlab|bitbucket|jira"
                r"|stripe|paypal|sentry|prometheus|telemetry|otel|datadog|elastic|fastcgi|firebase"
                r"|supabase|openai|anthropic|consul|vault|etcd|zookeeper|memcache|smtp|systemd"
                r"|terraform|nginx|django|flask|fastapi|express|spring|webpack|vite|eslint|vercel"
                r"|netlify|cloudflare)",
            ),
            0,
            0.0,
        ),
        "modernisation": _Signs(
            _words(
                r"moderni[sz]\w*",
                r"legacy",
                r"(?:remov\w+|replac\w+|avoid\w*|stop using|fix\w*"
                r"|drop\w*|us(?:e|ing)) (?:\w+ ){0,3}deprecat\w+(?: warnings?)?",
                r"drop(?:s|ped|ping)? (?:the )?(?:support|compat\w*) (?:for|with) "
                r"(?:python|py|node|java|jdk|go|ruby|ie|php|android|es5)",
                r"drop(?:s|ped|ping)? (?:python|py|node|java|jdk|go|ie) ?\d[\w.]*",
                r"(?:python|py) ?[23](?:\.\d+)? (?:support|compat\w*|only)",
                r"(?:on|to|for|with|under) (?:python|py) ?3k?",
                r"six",
                r"pyupgrade",
                r"es ?(?:6|2015|2017|modules?)",
                r"esm",
                r"f-?strings",
                r"migrat(?:e|es|ed|ing|ion) (?:\w+ ){0,4}?(?:to|from|away)",
                r"port(?:ed|ing)? (?:\w+ ){0,3}to (?:python|py|rust|typescript|es6)\w*",
                r"(?:switch|convert|mov|upgrad)\w* (?:\w+ ){0,4}(?:to|from) (?:typescript|es6|esm"
                r"|hooks?|async|await|pytest|junit ?[45]|argparse|pathlib|rust 20\d\d|go modules"
                r"|kotlin|lambdas?|generics|dataclasses|type hints)",
                r"20(?:18|21|24) "
                r"edition",
            ),
            _words(
                r"deprecat\w+",
                r"migrat\w+",
                r"upgrad\w+",
                r"moderni?\w*",
                r"replac\w+",
                r"convert\w*",
                r"switch\w*",
                r"drop\w*",
                r"compat\w*",
                r"syntax",
                r"typing",
                r"clean\w*",
                r"updat\w+",
                r"us(?:e|es|ing)",
            ),
            _code(),
            2,
            0.0,
        ),
    }
)
FACETS: Final = tuple(_SIGNS)
"""The names of all facets."""

# What goes and what comes where old ways of a language or library are left behind.
_MODERN: Final = (
    ("six", r"\bsix\.", r"."),
    ("class_of_object", r"\bclass \w+\(object\)", r"\bclass \w+:"),
    ("super_without_arguments", r"\bsuper\(\w+, \w+\)", r"\bsuper\(\)"),
    ("fstring", r"['\"]\s*%\s*[\w(]|['\"]\.format\(", r"\bf['\"]"),
    ("future_imports", r"^from __future__ import (?:unicode|print|division|absolute|with)", r"."),
    (
        "builtin_generics",
        r"\b(?:typing\.)?(?:List|Dict|Tuple|Set)\[",
        r"\b(?:list|dict|tuple|set)\[",
    ),
    ("union_operator", r"\b(?:Optional|Union)\[", r"\| (?:None|\w+)"),
    ("let_and_const", r"^var \w", r"^(?:const|let) \w"),
    ("modules", r"\brequire\(", r"^import .*['\"]"),
    ("arrow_functions", r"\bfunction ?\(", r"=>"),
    ("await", r"\.then\(", r"\bawait\b"),
    ("classes", r"\.prototype\.", r"^class \w"),
    ("lambdas", r"\bnew \w+(?:<.*>)?\(\) ?\{", r"->"),
    ("diamonds", r"\bnew \w+<\w[^<>]*>\(", r"\bnew \w+<>\("),
    ("ioutil", r"\bioutil\.", r"\b(?:io|os)\."),
    ("any", r"\binterface\{\}", r"\bany\b"),
    ("question_mark", r"\btry!\(", r"\?"),
    ("hooks", r"\bthis\.(?:state|setState|props)\b", r"\buse(?:State|Effect|Ref)\("),
    ("smart_pointers", r"\b(?:auto_ptr|NULL)\b", r"\b(?:unique_ptr|nullptr)\b"),
)
_MODERN_CODE: Final = tuple(
    (name, re2.compile(f"(?m){old}"), re2.compile(f"(?m){new}")) for name, old, new in _MODERN
)


def facets(
    title: str,
    body: str,
    paths: Sequence[str],
    added: Sequence[str],
    removed: Sequence[str],
) -> tuple[Facet, ...]:
    """Name what a change is about.

    Args:
        title: the first line of what was asked for.
        body: the rest of it.
        paths: the files that change; what their top folders are called is no foreign system.
        added: lines of code that come, without indentation.
        removed: lines of code that go.

    Returns:
        Each facet once, with the strongest evidence for it.
    """
    come, gone = _joined(added), _joined(removed)
    lines = len(added) + len(removed)
    own = {word for path in paths for part in path.split("/")[:2] for word in _stems(part)}
    return tuple(
        Facet(name, evidence[:_EVIDENCE_CHARS])
        for name, signs in _SIGNS.items()
        if (evidence := _evidence(name, signs, title, body, come, gone, lines, own))
    )


def _stems(part: str) -> tuple[str, str]:
    """A folder or file, with and without its suffix."""
    return part.lower(), part.lower().partition(".")[0]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines)[:_MOST_CHARS]


def _evidence(
    name: str,
    signs: _Signs,
    title: str,
    body: str,
    come: str,
    gone: str,
    lines: int,
    own: Set[str],
) -> str:
    said = signs.said.search(title)
    if said is not None:
        return f"title:{said.group(1).lower()}"
    found = list(_modern(come, gone) if name == "modernisation" else _differing(signs, come, gone))
    if not found:
        return ""
    hinted = signs.hinted.search(title)
    if name == "integration":
        word = "" if hinted is None else hinted.group(1).lower()
        shown = word and any(sign.lower() in word for sign in found)
        return f"title:{word} code:{word}" if shown and word not in own else ""
    if hinted is not None and name != "modernisation":
        return f"title:{hinted.group(1).lower()} code:{found[0]}"
    if signs.alone and len(found) >= max(signs.alone, signs.share * lines):
        return f"code:{found[0]}"
    # What is said below the title is mostly beside it, but for what it mends.
    told = signs.said.search(body) if name == "security" else None
    return f"body:{told.group(1).lower()} code:{found[0]}" if told is not None else ""


def _differing(signs: _Signs, come: str, gone: str) -> Iterator[str]:
    """The signs that one side has more often than the other."""
    sides = [[match.strip() for match in signs.code.findall(text)] for text in (come, gone)]
    for sign in dict.fromkeys((*sides[0], *sides[1])):
        yield from [sign] * abs(sides[0].count(sign) - sides[1].count(sign))


def _modern(come: str, gone: str) -> Iterator[str]:
    """What was modernised, as often as lines show it."""
    for name, old, new in _MODERN_CODE:
        less = len(old.findall(gone)) - len(old.findall(come))
        more = len(new.findall(come)) - len(new.findall(gone))
        yield from [name] * max(0, min(less, more))
