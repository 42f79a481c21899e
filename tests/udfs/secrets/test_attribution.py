"""Who a notice names stays; who is only in the same file does not."""

from udfs.secrets.attribution import attributed
from udfs.secrets.people import find_emails


def _kept(text: str) -> list[str]:
    data = text.encode()
    return sorted(value.decode() for value in attributed(data, find_emails(data)))


def test_holders_of_a_notice_stay() -> None:
    assert _kept("# Copyright (c) 2019 Jana Novak <jana@initech.io>\n") == ["jana@initech.io"]
    assert _kept("+ * © 2020 J. Novak (jana@initech.io)\n") == ["jana@initech.io"]
    header = (
        "/*\n * Licensed under the Apache License, Version 2.0.\n *\n"
        " * @author Jana Novak <jana@initech.io>\n */\n"
    )
    assert _kept(header) == ["jana@initech.io"]
    licence = "Copyright 2019\n  Jana Novak <jana@initech.io>\n  Piotr <piotr@globex.de>\n\nMIT\n"
    assert _kept(licence) == ["jana@initech.io", "piotr@globex.de"]


def test_others_do_not() -> None:
    header = "# Copyright 2019 Initech\n\nimport smtplib\n\n"
    assert _kept(header + "# ask jana@initech.io\n") == []
    assert _kept("/**\n * Reads.\n * @author Jana <jana@initech.io>\n */\n") == []
    assert _kept(header + 'AUTHOR = "jana@initech.io"\n') == []
