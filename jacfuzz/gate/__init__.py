"""The gate: contributed puzzles are selected, read as data, checked and judged; what maintainers merge on."""
