#!/usr/bin/env bash
# Judges a change to a puzzle collection, in a workflow or at home: ci/gate.sh [BASE [HEAD]], in the repository.
# Only what is committed counts. REPORTS names the folder for reports.
set -euo pipefail
base=${1:-origin/main}
head=${2:-HEAD}
reports=jsonl,junit,sarif
if [ "${GITHUB_ACTIONS:-}" = true ]; then
    reports+=,github
fi
exec jacfuzz gate --base "$base" --head "$head" --max-time 600 --allow-empty \
    --report "$reports" --report-dir "${REPORTS:-gate-reports}"
