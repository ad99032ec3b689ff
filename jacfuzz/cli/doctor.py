"""``jacfuzz doctor``: what isolation is to be had on this machine."""

from __future__ import annotations

import click


@click.command()
def doctor() -> int:
    """Try from inside a hardened process what it must not be able to do, and show what was refused.

    Exit code 0 if everything was, 3 if --isolation hardened is not to be had here.
    """
    from jacfuzz.isolation.doctor import trial
    from jacfuzz.isolation.limits import Limits
    from jacfuzz.isolation.nursery import Nursery

    with Nursery("hardened", Limits()) as nursery:
        found = trial(nursery)
    for attempt, refusal in found.refusals.items():
        click.echo(f"{attempt:8} {'refused: ' + refusal if refusal else 'ALLOWED'}")
    for kind, own in found.own.items():
        click.echo(
            f"{kind:8} {'a namespace of its own, too' if own else 'no namespace of its own, which is not needed'}"
        )
    return 3 if found.allowed else 0
