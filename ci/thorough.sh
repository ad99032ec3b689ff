#!/usr/bin/env bash
# The longer job: full counts. The catalogue at 1000 points and three seeds, on 0 and 2 workers with the same verdicts.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for seed in 1 2 3; do
    for workers in 0 2; do
        jacfuzz check --max-examples 1000 --seed "$seed" --workers "$workers" --report jsonl --report-dir "$out/$seed-$workers" --quiet
    done
    python ci/same_verdicts.py "$out/$seed-0/jacfuzz.jsonl" "$out/$seed-2/jacfuzz.jsonl"
done
