"""A change that tests degrade, and findings as they look at them."""

from __future__ import annotations

from udfs.quality.finding import Finding

RESPONSE = """diff --git a/net/client.py b/net/client.py
--- a/net/client.py
+++ b/net/client.py
@@ -1,5 +1,9 @@
 def fetch_page(url, session, max_retries=3):
-    response = session.get(url)
+    for attempt in range(max_retries):
+        response = session.get(url)
+        if response.status_code != 503:
+            break
+        time.sleep(backoff(attempt))
     if response.status_code != 200:
         raise DownloadError(url, response.status_code)
     return response.text
"""


def valued(finding: Finding) -> float:
    """The value of a finding that must have one."""
    assert finding.value is not None, finding.why
    return finding.value
