"""``jacfuzz doctor``: what isolation is to be had on this machine."""

from __future__ import annotations

import click


@click.command()
def doctor() -> int:
    """Try from inside a hardened process what it must not be able to do, and show what was refused.

    Exit code 0 if everything was, 3 if --isolation hardened is not to be had here.
    """
    from jacfuzz.isolation.doctor import refusals
    from jacfuzz.isolation.limits import Limits
    from jacfuzz.isolation.nursery import Nursery

    with Nursery("hardened", Limits()) as nursery:
        found = refusals(nursery)
    for attempt, refusal in found.items():
        click.echo(f"{attempt:8} {'refused: ' + refusal if refusal else 'ALLOWED'}")
    return 0 if all(found.values()) else 3
