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


def _patterns(block: str) -> str:
    """One pattern for those of a block, which lines or two blanks part; after `|` one goes on."""
    whole = re2.sub(r"\|\n\s*", "|", block)
    return "|".join(re2.split(r"\s{2,}", whole.strip()))


def _words(block: str) -> re2._Regexp:
    return re2.compile(rf"(?i)(?:^|[^\w.])({_patterns(block)})(?:$|[^\w])")


def _code(block: str) -> re2._Regexp:
    return re2.compile(f"({_patterns(block)})")


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
            _words(r"""
                error[- ]handling  exception[- ]handling
                handl\w+ (?:\w+ ){0,2}(?:errors?|exceptions?|failures?|panics?)  graceful\w*
                swallow\w*  (?:unhandled|uncaught) \w+  null ?pointer \w+  NPE
                nil[- ](?:pointer|deref\w*|check)  null[- ]checks?  defensive\w*  error messages?
                don't (?:crash|panic)  (?:avoid|prevent)\w* (?:a |the )?(?:crash\w*|panics?)
                retr(?:y|ies|ying)
            """),
            _words(r"""
                crash\w*  panics?  exceptions?  errors?  rais(?:e|es|ing)  throws?  fail\w*
                invalid  validat\w+  reject\w*  fall ?back  timeouts?  \w+Error  \w+Exception
            """),
            _code(r"""
                \btry\s*[:{]  \bexcept\b.*:  \bcatch\s*[({]  \braise \w  \bthrow new[ ]
                \bthrow \w  \bif err != nil\b  \berrors\.(?:New|Is|As|Wrap\w*)\b  \bfmt\.Errorf\(
                \.catch\(  \bunwrap_or\w*\(  \.map_err\(  \bErr\(  \bok_or\w*\(  \brecover\(\)
                \bis (?:not )?None\b  [!=]==? ?(?:null|nil|undefined|NULL|nullptr)\b  \?\.\w
                \bfinally\b
            """),
            5,
            0.4,
        ),
        "concurrency": _Signs(
            _words(r"""
                race[- ]conditions?  data ?races?  races?  racy  dead-?locks?\w*  livelocks?
                thread[- ]?saf\w+  concurren(?:t|tly|cy)  mutex\w*  goroutines?
                atomic(?:ally|ity)?  multi-?thread\w*  threads?  threading  parallel\w*  asyncio
                thread ?pools?  semaphores?  locking  synchroni[sz]ation
            """),
            _words(r"""
                lock\w*  wait\w*  async\w*  await\w*  workers?  hang\w*  channels?  futures?
                promises?  tasks?  event loop  schedul\w+  cancel\w*  synchron\w+
            """),
            _code(r"""
                \bthreading\.\w+  \basyncio\.\w+  \b(?:tri?o|anyio)\.\w+
                \bsync\.(?:RW)?(?:Mutex|WaitGroup|Once|Pool|Map|Cond)\b  \batomic\.\w+
                \bgo func\b  \bmake\(chan\b  <-\s*chan\b|\bchan<-  \bsynchronized\b  \bvolatile\b
                \bAtomic[A-Z]\w+  \bReentrant\w*Lock\b  \bConcurrent[A-Z]\w+  \bExecutor\w*
                \bCompletableFuture\b  \bstd::(?:thread|mutex|atomic)\b  \bArc<
                \b(?:Mutex|RwLock|OnceLock|AtomicBool|AtomicUsize)\b  \bmpsc\b
                \btokio::(?:spawn|select|sync)\b  \bPromise\.(?:all|race|any)\w*\(  \bnew Worker\(
                \bpthread_\w+  \b[Mm]utex\b  \b(?:un)?lock\(\)
                \.(?:RLock|RUnlock|Lock|Unlock)\(\)  \bmultiprocessing\.\w+
                \bconcurrent\.futures\b  \bThreadPool\w*
            """),
            3,
            0.15,
        ),
        "security": _Signs(
            _words(r"""
                CVE-\d{4}-\d+  GHSA-[\w-]+  vulnerab\w+  security  XSS  CSRF  SSRF  XXE  ReDoS
                (?:sql|command|code|header|shell|crlf|html) injections?  path[- ]traversals?
                directory traversal (?:attacks?|vuln\w+)  prototype pollution
                privilege escalation  denial[- ]of[- ]service  open redirects?  timing attacks?
                constant[- ]time  (?:buffer|stack|heap) overflows?  use[- ]after[- ]free
                out[- ]of[- ]bounds (?:reads?|writes?)  sanitiz\w+
                (?:leak\w*|expos\w+|redact\w*) (?:\w+ ){0,2}(?:credentials?|passwords?|secrets?|
                tokens?)
                exploit\w*  untrusted  cross[- ]site \w+
            """),
            _words(r"""
                escap\w+  certificates?  tls  ssl  verif\w+  passwords?  secrets?  tokens?
                auth\w*  permissions?  encrypt\w*  insecure  safe\w*  unsafe  eval  shell
                injection  origins?  credentials?  hmac  signatures?  cors  headers?
            """),
            _code(r"""
                \bcompare_digest\(  \bConstantTimeCompare\(  \btimingSafeEqual\(  \bsafe_load\(
                \bdefusedxml\b  \bshlex\.quote\(  \bsecrets\.\w+  \bDOMPurify\b
                \bescape(?:Html|HTML|_html|Shell\w*)\b  \bhtml\.escape\(  \bsanitiz\w+\(
                \bverify=(?:False|True)\b  \bInsecureSkipVerify\b  \brejectUnauthorized\b
                \byaml\.load\(  \bshell=(?:True|False)\b  \bpickle\.loads?\(  \beval\(
                \b(?:strcpy|strcat|gets|sprintf)\(  \bcsrf\w*\b  \bHttpOnly\b|\bhttponly\b
                \bSameSite\b|\bsamesite\b  \bcheck_hostname\b  \bCERT_(?:NONE|REQUIRED)\b
                \bhmac\.\w+  \bContent-Security-Policy\b
            """),
            3,
            0.3,
        ),
        "performance": _Signs(
            _words(r"""
                performan(?:ce|t)  perf  speed(?:s|ing)?(?:[- ]?ups?| up)  fast(?:er|path)
                optimi[sz](?:e|es|ed|ing|ations?)  (?:too|very) slow  slow(?:ness|downs?)  latency
                throughput  memory[- ](?:usage|consumption|footprint|overhead)
                (?:avoid\w*|reduc\w+|fewer|less|extra|no) (?:\w+ )?alloc\w+  caching  memoi[sz]\w*
                quadratic  bottlenecks?  hot[- ]?(?:path|loop)  pre-?alloc\w*  inefficien\w+
                more efficien\w+  efficien(?:cy|tly)
                (?:unnecessar(?:y|ily)|redundant|needless|extra) (?:\w+ )?(?:cop(?:y|ies)|
                clon\w+|alloc\w*|re-?renders?|calls?|work|lookups?|computations?|quer(?:y|ies))
            """),
            _words(r"""
                cach(?:e|es|ed)  lazy  lazily  reus\w+  batch\w*  cost\w*  expensive  benchmarks?
            """),
            _code(r"""
                \blru_cache\b  \bfunctools\.cache\b  \bcached_property\b  \buseMemo\(
                \buseCallback\(  \bReact\.memo\(  \bmemoize\w*\(  \bwith_capacity\(
                \bstrings\.Builder\b  \bsync\.Pool\b  \b__slots__\b  #\[inline  \bsetdefault\(
                \bnew WeakMap\(  \bSet\(\)|\bnew Set\(  \bensureCapacity\(  \bCow::
            """),
            0,
            0.0,
        ),
        "integration": _Signs(
            _words(r"""
                integrat(?:e|es|ion|ions) with  web-?hooks?  (?:database|framework) adapters?
            """),
            _words(r"""
                redis  kafka  rabbitmq  amqp  postgres\w*  mysql  mariadb  mongo\w*  sqlite3?  s3
                aws  gcp  gcs  azure  docker\w*  kubernetes  k8s  grpc  graphql  oauth2?  oidc
                saml  ldap  slack  discord  telegram  github  gitlab  bitbucket  jira  stripe
                paypal  sentry  prometheus  open-?telemetry  datadog  elastic\w*  fastcgi  boto3?
                firebase  supabase  openai  anthropic  consul  vault  etcd  zookeeper  memcached
                smtp  systemd  terraform  nginx  django  flask  fastapi  express  spring  webpack
                vite  eslint  vercel  netlify  cloudflare
            """),
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
            _words(r"""
                moderni[sz]\w*  legacy
                (?:remov\w+|replac\w+|avoid\w*|stop using|fix\w*|drop\w*|us(?:e|
                ing)) (?:\w+ ){0,3}deprecat\w+(?: warnings?)?
                drop(?:s|ped|ping)? (?:the )?(?:support|compat\w*) (?:for|with) (?:python|py|
                node|java|jdk|go|ruby|ie|php|android|es5)
                drop(?:s|ped|ping)? (?:python|py|node|java|jdk|go|ie) ?\d[\w.]*
                (?:python|py) ?[23](?:\.\d+)? (?:support|compat\w*|only)
                (?:on|to|for|with|under) (?:python|py) ?3k?  six  pyupgrade
                es ?(?:6|2015|2017|modules?)  esm  f-?strings
                migrat(?:e|es|ed|ing|ion) (?:\w+ ){0,4}?(?:to|from|away)
                port(?:ed|ing)? (?:\w+ ){0,3}to (?:python|py|rust|typescript|es6)\w*
                (?:switch|convert|mov|upgrad)\w* (?:\w+ ){0,4}(?:to|from) (?:typescript|es6|esm|
                hooks?|async|await|pytest|junit ?[45]|argparse|pathlib|rust 20\d\d|go modules|
                kotlin|lambdas?|generics|dataclasses|type hints)
                20(?:18|21|24) edition
            """),
            _words(r"""
                deprecat\w+  migrat\w+  upgrad\w+  moderni?\w*  replac\w+  convert\w*  switch\w*
                drop\w*  compat\w*  syntax  typing  clean\w*  updat\w+  us(?:e|es|ing)
            """),
            _code(""),
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
