"""Hypothesis as an engine: it draws and shrinks, prints nothing, and fails nobody's test."""

from hypothesis import HealthCheck, Verbosity, settings

QUIETLY = settings(
    database=None,
    deadline=None,
    derandomize=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)
"""What all runs of Hypothesis inside the tool have in common, whatever profile its user has chosen."""
