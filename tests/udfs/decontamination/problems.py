"""Problems that tests look for, and how much of them."""

from __future__ import annotations

from udfs.decontamination.model import Problem, Spec

SPEC = Spec(
    word_ngram=13,
    token_ngram=10,
    structure_ngram=20,
    least_prompt_words=8,
    least_solution_words=13,
    least_grams=5,
    token_share=0.5,
    structure_share=0.5,
    most_problems=3,
)
GAP = Problem(
    "own",
    "Own/1",
    "def widest_gap(heights):\n"
    '    """ Return the widest distance between two neighbours in a list of heights, or zero\n'
    "    when the list has fewer than two of them.\n"
    "    >>> widest_gap([1, 5, 6])\n    4\n"
    '    """\n',
    "    widest = 0\n    for left, right in zip(heights, heights[1:]):\n"
    "        distance = abs(right - left)\n        if distance > widest:\n"
    "            widest = distance\n    return widest\n",
    "python",
)
GAP_IN_GO = Problem(
    "own-go",
    "Go/1",
    "// Return the widest distance between two neighbours in a list of heights, or zero\n"
    "// when the list has fewer than two of them.\n// >>> WidestGap([]int{1, 5, 6})\n// 4\n"
    "func WidestGap(heights []int) int {\n",
    "    widest := 0\n    for i := 1; i < len(heights); i++ {\n"
    "        distance := heights[i] - heights[i-1]\n        if distance < 0 {\n"
    "            distance = -distance\n        }\n        if distance > widest {\n"
    "            widest = distance\n        }\n    }\n    return widest\n}\n",
    "go",
)
FENCE = Problem(
    "prose",
    "7",
    "Write a function to find how many posts a fence of some length needs.",
    "def posts(length, gap):\r\n    if length <= 0:\r\n        return 0\r\n"
    "    whole, rest = divmod(length, gap)\r\n    return whole + 1 + (1 if rest else 0)\r\n",
    "python",
)
PROBLEMS = [GAP, GAP_IN_GO, FENCE]
