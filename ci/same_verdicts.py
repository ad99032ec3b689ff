"""Compare the verdicts, findings and counts of two JSON-lines reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def verdicts(path: str) -> dict[str, Any]:
    """Return what a report says of each target, without what may differ between runs (times, minimal points)."""
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    return {
        line["id"]: (
            line["verdict"],
            sorted(finding["kind"] for finding in line["findings"]),
            line["points"],
            line["unsure_points"],
            line["undefined_points"],
        )
        for line in lines
        if line["event"] == "target"
    }


def main(first: str, second: str) -> int:
    """Print the targets whose verdicts differ; 0 where there are none."""
    one, other = verdicts(first), verdicts(second)
    differing = [name for name in sorted(one | other) if one.get(name) != other.get(name)]
    for name in differing:
        print(f"{name}: {one.get(name)} and {other.get(name)}")
    print(f"{len(one)} targets, {len(differing)} differ")
    return 1 if differing or not one else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
