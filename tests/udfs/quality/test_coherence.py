"""The learned part knows the right change from another, and reads instructions as people do."""

from __future__ import annotations

import pytest

from tests.udfs.quality.findings import valued
from udfs.quality.change import Change
from udfs.quality.coherence import (
    FEATURES,
    coherence,
    comment_coherence,
    features,
    read_instruction,
)
from udfs.quality.coherence_model import default_model
from udfs.quality.instruction import Instruction

INSTRUCTION = (
    "Retry a download when the server answers 503\n\n`fetch_page` in net/client.py gave up on the "
    "first failure; wait with exponential backoff and honour max_retries."
)
RESPONSE = """diff --git a/net/client.py b/net/client.py
--- a/net/client.py
+++ b/net/client.py
@@ -1,3 +1,6 @@ def fetch_page(url, session, max_retries=3):
-    response = session.get(url)
+    for attempt in range(max_retries):
+        response = session.get(url)
+        if response.status_code != 503:
+            break
     if response.status_code != 200:
         raise DownloadError(url, response.status_code)
"""
UNRELATED = """diff --git a/docs/theme/colours.css b/docs/theme/colours.css
--- a/docs/theme/colours.css
+++ b/docs/theme/colours.css
@@ -7 +7 @@
-  background: white;
+  background: ivory;
"""


def test_it_tells_the_right_change_from_another() -> None:
    right = coherence(Instruction(INSTRUCTION), Change(RESPONSE, ()))
    wrong = coherence(Instruction(INSTRUCTION), Change(UNRELATED, ()))
    assert valued(right) > 0.95
    assert valued(wrong) < 0.6
    assert "0 of 17 stems in the change, not retry" in wrong.why
    assert coherence(Instruction("Fix the bug"), Change(RESPONSE, ())) == (
        0.0,
        "nothing to look up",
    )


@pytest.mark.parametrize("title", ["Make the theme ivory", "Use ivory in colours.css"])
def test_a_word_that_the_change_has_counts(title: str) -> None:
    change = Change(UNRELATED, ())
    other = coherence(Instruction("Make the parser faster"), change)
    assert valued(coherence(Instruction(title), change)) > valued(other) + 0.1


def test_what_is_asked_for_first_is_its_title() -> None:
    wanted = read_instruction(Instruction(INSTRUCTION), {"download": 3.0}, 7.0)
    assert {"retry", "download", "serv"} <= wanted.title
    assert "backoff" not in wanted.title
    assert wanted.names == {"fetch_page", "max_retries"}
    assert wanted.quoted == {"fetch_page"}
    assert wanted.stems["download"] == 3.0
    assert wanted.stems["backoff"] == 7.0
    assert wanted.first == "retry"


def test_features_say_where_words_are_met() -> None:
    wanted = read_instruction(Instruction("Call fetch_page with max_retries"), {}, 1.0)
    values, missed = features(wanted, Change(RESPONSE, (), "def fetch_page(): ...", None))
    found = dict(zip(FEATURES, values, strict=True))
    assert len(found) == len(FEATURES)
    # fetch and page stand in the heading of the hunk alone, max and retries are added.
    assert found["names changed"] == found["names in context"] == 0.5
    assert found["shown share"] == pytest.approx(0.8, abs=0.01)
    assert found["added share"] == pytest.approx(0.4, abs=0.01)
    assert missed == {"call"}
    assert default_model().features == FEATURES


def test_a_comment_is_about_what_it_names() -> None:
    change = Change(RESPONSE, ())
    about = comment_coherence(
        Instruction("`max_retries` of 0 never asks the session at all."), change
    )
    beside = comment_coherence(Instruction("Please use the colours of the theme."), change)
    assert valued(about) > 2 * valued(beside)
    assert comment_coherence(Instruction("ok"), change).value == 0.0
