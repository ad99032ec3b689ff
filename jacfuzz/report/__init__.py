"""Listeners on the event stream: what a run tells people and machines."""
