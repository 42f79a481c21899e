"""Where recorded data lies, for tests that are skipped without it: SLUICE_TEST_DATA or `data`."""

from __future__ import annotations

import os
from pathlib import Path

DATA = Path(os.environ.get("SLUICE_TEST_DATA", Path(__file__).parents[1] / "data"))
WEBHOOKS = DATA / "github-webhooks"
BUGSJS = DATA / "bugsjs"
EVAL_PACK = DATA / "humanevalpack"
# Bare repositories as OWNER+NAME/repo, with the heads of their pull requests.
REPOSITORIES = Path(os.environ.get("SLUICE_TEST_REPOSITORIES", DATA / "repositories"))
