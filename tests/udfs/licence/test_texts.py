import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from udfs.licence.expressions import COMMONLY_PERMISSIVE, is_permissive
from udfs.licence.names import UNKNOWN
from udfs.licence.texts import MAX_TEXT_CHARS, match_text

TEXTS = dict(LICENSES)
GNU = {"AGPL-3.0", "GPL-2.0", "GPL-3.0", "LGPL-2.1", "LGPL-3.0"}
SHORT = ["0BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "Unlicense", "Zlib"]


def expected(key: str) -> str:
    return f"{key}-only" if key in GNU else key


def expression(text: str) -> str | None:
    found = match_text(text)
    return None if found is None else found.expression


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_every_spdx_text_at_hand_is_recognised_as_itself(key: str) -> None:
    found = match_text(TEXTS[key])
    assert found is not None
    assert (found.expression, found.score >= 0.97) == (expected(key), True)


holders = st.text(
    st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=20
).filter(lambda name: "mit" not in name.lower() and "gpl" not in name.lower())


@st.composite
def edited(draw: st.DrawFn, keys: list[str]) -> tuple[str, str]:
    """A licence text as projects carry it: other holder and year, reflowed, CRLF, commented."""
    key = draw(st.sampled_from(keys))
    text = (
        TEXTS[key]
        .replace("[fullname]", draw(holders))
        .replace("[year]", draw(st.sampled_from(["1999", "2010-2026"])))
    )
    if draw(st.booleans()):
        width = draw(st.integers(30, 200))
        paragraphs = []
        for paragraph in re.split(r"\n\s*\n", text):
            lines, line = [], ""
            for word in paragraph.split():
                if len(line) + len(word) > width:
                    lines.append(line)
                    line = ""
                line += word + " "
            paragraphs.append("\n".join([*lines, line]))
        text = "\n\n".join(paragraphs)
    if draw(st.booleans()):
        text = "\n".join(draw(st.just(" * ")) + line for line in text.split("\n"))
    if draw(st.booleans()):
        text = text.upper()
    return key, text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\n\n"])))


@given(edited([*SHORT, "Apache-2.0", "MPL-2.0", "CC0-1.0"]))
@settings(max_examples=30)
def test_layout_and_holder_do_not_matter(case: tuple[str, str]) -> None:
    key, text = case
    assert expression(text) == key


@given(edited(sorted(GNU)), st.data())
@settings(max_examples=20)
def test_a_gnu_text_is_never_permissive_however_it_was_cut(
    case: tuple[str, str], data: st.DataObject
) -> None:
    _, text = case
    start = data.draw(st.integers(0, len(text) // 2))
    end = data.draw(st.integers(start, len(text)))
    found = expression(text[:start] + text[end:])
    assert found is None or not is_permissive(found)[0]


@pytest.mark.parametrize("key", SHORT)
def test_a_copyleft_text_beside_a_permissive_one_is_not_overlooked(key: str) -> None:
    both = expression(TEXTS[key] + "\n\n" + TEXTS["GPL-3.0"])
    assert not is_permissive(both)[0]


@pytest.mark.parametrize(
    ("changed", "original"),
    [
        ("THE SOFTWARE IS", "The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS"),
        ("without restriction", "without restriction except for commercial purposes"),
        (" and/or sell\ncopies", " copies"),
        ("SOFTWARE.\n", "SOFTWARE.\n\nThis software is for non-commercial use only.\n"),
        ("MIT License", 'MIT License with "Commons Clause"'),
    ],
)
def test_a_permissive_text_with_limits_put_in_is_not_permissive(
    changed: str, original: str
) -> None:
    assert changed in TEXTS["MIT"]
    verdict, reason = is_permissive(expression(TEXTS["MIT"].replace(changed, original)))
    assert (verdict, reason) == (False, "licence_unknown")


def test_the_advertising_clause_is_not_the_three_clause_licence() -> None:
    clause = (
        "3. All advertising materials mentioning features or use of this software must display "
        "the following acknowledgement: This product includes software by X.\n\n4. Neither"
    )
    assert expression(TEXTS["BSD-3-Clause"].replace("3. Neither", clause)) == UNKNOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "copyright holder nor the names of its\n   contributors",
            "Example Project nor the names of its\n   contributors",
        ),
        (
            "Neither the name of the copyright holder nor the names of its\n   contributors may",
            "The name of the author may not",
        ),
        ("COPYRIGHT HOLDERS AND CONTRIBUTORS", "REGENTS AND CONTRIBUTORS"),
    ],
)
def test_the_named_party_of_a_bsd_licence_does_not_matter(old: str, new: str) -> None:
    assert old in TEXTS["BSD-3-Clause"]
    assert expression(TEXTS["BSD-3-Clause"].replace(old, new)) == "BSD-3-Clause"


def test_mit_without_its_condition_is_mit_0() -> None:
    text = re.sub(r", subject to the following(?s:.)*?portions of the Software", "", TEXTS["MIT"])
    assert expression(text.removeprefix("MIT License")) == "MIT-0"


def test_two_texts_in_one_file_both_hold_unless_a_choice_is_offered() -> None:
    both = TEXTS["MIT"] + "\n---\n" + TEXTS["Apache-2.0"]
    assert expression(both) == "MIT AND Apache-2.0"
    offered = "This project is dual licensed, at your option, as follows.\n\n" + both
    assert expression(offered) == "MIT OR Apache-2.0"


def test_a_list_of_third_party_licences_is_no_choice() -> None:
    parts = [TEXTS[key] for key in SHORT]
    found = expression("Either of these may apply to some file.\n" + "\n---\n".join(parts))
    assert found is not None
    assert " OR " not in found


def test_the_same_text_several_times_counts_once() -> None:
    assert expression("\n\n".join([TEXTS["MIT"]] * 5)) == "MIT"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "This project is dual-licensed under the Unlicense and MIT licenses.\n\n"
            "You may use this code under the terms of either license.",
            "Unlicense OR MIT",
        ),
        ("Released under the MIT license.", "MIT"),
        ("Foo is licensed under the Apache License, Version 2.0", "Apache-2.0"),
        (
            "All code is MIT licensed but the icons are proprietary.",
            "MIT AND LicenseRef-proprietary",
        ),
        ("You may look at this code.", UNKNOWN),
        ("Server Side Public License\n\n" + "some terms " * 200, "SSPL-1.0"),
        ("MIT License\n\n" + "some other terms " * 200, UNKNOWN),
    ],
)
def test_a_text_that_only_names_a_licence(text: str, wanted: str) -> None:
    assert expression(text) == wanted


def test_the_apache_text_may_lack_its_appendix() -> None:
    text = TEXTS["Apache-2.0"]
    assert expression(text[: text.index("END OF TERMS")]) == "Apache-2.0"


def test_notices_say_or_later() -> None:
    gpl = TEXTS["GPL-3.0"]
    notice = gpl[gpl.index("This program is free software: you can") :]
    assert expression(notice[: notice.index("Also add")]) == "GPL-3.0-or-later"
    notice = TEXTS["Apache-2.0"]
    assert expression(notice[notice.index("Licensed under the") :]) == "Apache-2.0"


@pytest.mark.parametrize(
    "text",
    [
        "a b " * 300_000,
        "\0" * 1_000_000 + "x",
        "permission is hereby granted free of charge " * 20_000,
        "x" * 1_000_000,
        "".join(TEXTS.values()) * 2,
    ],
    ids=["words", "nul", "repeated", "one word", "all texts"],
)
def test_hostile_text_is_capped_and_never_permissive(text: str) -> None:
    assert len(text) > MAX_TEXT_CHARS
    assert not is_permissive(expression(text))[0]


def test_no_words_is_no_licence() -> None:
    assert match_text("") is None
    assert match_text("\0\0 \n—") is None


def test_common_permissive_texts_are_in_the_documented_set() -> None:
    assert {*SHORT, "Apache-2.0", "CC0-1.0"} <= COMMONLY_PERMISSIVE
