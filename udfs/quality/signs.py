"""Signs of weak or dated code that one line shows, each beside a word that stands in it.

What is not among the changed words is not looked for, which makes a long list cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from udfs.quality.change import Change

# What linters of many languages report, as far as a line shows it: work put off, traces of
# debugging, errors that are swallowed, and checks that are switched off or mean something else.
WEAK: Final = {
    "TODO": "TODO",
    "FIXME": "FIXME",
    "XXX": "XXX",
    "HACK": "HACK",
    "console.log(": "console",
    "debugger;": "debugger",
    "breakpoint()": "breakpoint",
    "set_trace(": "set_trace",
    "var_dump(": "var_dump",
    "dbg!(": "dbg",
    "System.out.print": "System",
    "printStackTrace(": "printStackTrace",
    "except:": "except",
    "except Exception: pass": "Exception",
    "== None": "None",
    "!= None": "None",
    "@ts-ignore": "ignore",
    "eslint-disable": "eslint",
    "# noqa": "noqa",
    "type: ignore": "ignore",
    "@SuppressWarnings": "SuppressWarnings",
    "#[allow(": "allow",
    "nolint": "nolint",
}
# What was taken out of languages and libraries, or is advised against by those who made them.
DATED: Final = {
    # Python: what version 3 dropped, and modules of PEP 594 and 632.
    "xrange(": "xrange",
    "raw_input(": "raw_input",
    "basestring": "basestring",
    ".iteritems(": "iteritems",
    ".itervalues(": "itervalues",
    ".has_key(": "has_key",
    "print '": "print",
    'print "': "print",
    "unittest.makeSuite": "makeSuite",
    "assertEquals(": "assertEquals",
    "assertItemsEqual(": "assertItemsEqual",
    "from distutils": "distutils",
    "import distutils": "distutils",
    "import imp\n": "imp",
    "import optparse": "optparse",
    "asyncio.coroutine": "coroutine",
    "pkg_resources": "pkg_resources",
    ".utcnow(": "utcnow",
    # JavaScript and React
    "new Buffer(": "Buffer",
    "React.createClass": "createClass",
    "extends React.Component": "Component",
    "componentWillMount": "componentWillMount",
    "componentWillReceiveProps": "componentWillReceiveProps",
    "ReactDOM.render(": "render",
    "document.write(": "write",
    ".substr(": "substr",
    "url.parse(": "parse",
    # Java
    "new Integer(": "Integer",
    "new Long(": "Long",
    "new Boolean(": "Boolean",
    "new Vector": "Vector",
    "new Hashtable": "Hashtable",
    "finalize()": "finalize",
    # Go and Rust
    "ioutil.": "ioutil",
    "try!(": "try",
    "mem::uninitialized": "uninitialized",
    # C and PHP
    " gets(": "gets",
    "mysql_query(": "mysql_query",
    "auto_ptr<": "auto_ptr",
}


def balance(signs: Mapping[str, str], change: Change) -> dict[str, int]:
    """How much more often added lines have each sign than removed ones, where they differ."""
    if change.words.isdisjoint(signs.values()):
        return {}
    near = [sign for sign, word in signs.items() if word in change.words]
    after, before = "\n".join(change.added) + "\n", "\n".join(change.removed) + "\n"
    counts = {sign: after.count(sign) - before.count(sign) for sign in near}
    return {sign: count for sign, count in counts.items() if count}
