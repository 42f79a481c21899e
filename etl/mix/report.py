"""What a person sees of a mix version: the manifest, a sample and a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.mix.build_mix import Fill, MixParams


def manifest(
    name: str,
    version: str,
    mix: MixParams,
    found: Sequence[Fill],
    tables: Mapping[str, int],
    licences: Mapping[str, int],
) -> str:
    """The mix version as JSON: what it is made of, and what it would be rebuilt from.

    Args:
        name: name of the mix.
        version: its version.
        mix: its config.
        found: how far each target was met.
        tables: Delta version of each table that it was built from.
        licences: pairs per SPDX expression.
    """
    document = {
        "mix": name,
        "version": version,
        "config": mix.model_dump(),
        "rows": sum(fill.taken for fill in found),
        "categories": [
            {
                "category": fill.category,
                "target": fill.target,
                "taken": fill.taken,
                "missing": fill.missing,
                "weight": fill.weight,
            }
            for fill in found
        ],
        "licences": dict(sorted(licences.items())),
        "tables": dict(sorted(tables.items())),
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def pair_as_markdown(pair: Mapping[str, Any]) -> str:
    """One pair as a page that a person can judge."""
    fence = "~~~~"
    tests = f"\n**Tests**\n\n{fence}diff\n{pair['tests']}\n{fence}\n" if pair["tests"] else ""
    return (
        f"## {pair['category']} · {pair['repo_name']} · {pair['commit_oid'][:12]}\n\n"
        f"`{pair['pair_id']}` score {pair['score']:.3f}, {pair['language']}, {pair['licence']}\n\n"
        f"**Instruction**\n\n{pair['instruction']}\n\n"
        f"**Context**\n\n{pair['context']}\n\n"
        f"**Response**\n\n{fence}diff\n{pair['response']}\n{fence}\n{tests}"
    )


def draw_mix(name: str, found: Sequence[Fill], scores: Sequence[float], target: Path) -> None:
    """Draw how the targets were met, and how the chosen pairs score, as a PNG."""
    import matplotlib  # takes a second to import, so only who draws pays for it

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    names = [fill.category.replace("_", " ") for fill in found]
    places = range(len(found))
    left.barh(places, [f.target for f in found], color="#d9dee7", label="target")
    left.barh(places, [f.taken for f in found], color="#2f6f8f", height=0.5, label="in the mix")
    for place, fill in zip(places, found, strict=True):
        left.annotate(
            f"{fill.taken:,} of {fill.target:,}",
            (max(fill.taken, fill.target), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    left.set_yticks(list(places), names)
    left.invert_yaxis()
    left.margins(x=0.22)
    left.set_xlabel("pairs")
    left.set_title(f"Mix `{name}`: targets and what was found")
    left.legend(frameon=False, loc="lower right")
    left.spines[["top", "right"]].set_visible(False)
    right.hist(scores, bins=[i / 40 for i in range(41)], color="#2f6f8f")
    right.set_xlabel("quality score")
    right.set_ylabel("pairs in the mix")
    right.set_title("Scores of the chosen pairs")
    right.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, dpi=110)
    plt.close(figure)
