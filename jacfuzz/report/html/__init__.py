"""Reports as HTML: one self-contained page for a run, a fragment for a notebook."""
