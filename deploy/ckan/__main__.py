"""`python -m deploy.ckan up | down | status`: the private catalogue of the folder that CKAN_STACK names."""

from __future__ import annotations

import argparse
import sys

from deploy.ckan.run import down, services, up
from deploy.ckan.stack import Stack, StackError


def main() -> int:
    """Do what was asked; 0 well, 4 when the stack could not be brought up or ended, 1 when `status` finds it down."""
    parser = argparse.ArgumentParser(prog="python -m deploy.ckan", description=__doc__)
    parser.add_argument("verb", choices=["up", "down", "status"])
    verb = parser.parse_args().verb
    try:
        return {"up": _up, "down": _down, "status": _status}[verb](Stack.from_environment())
    except StackError as error:
        print(f"make ckan: {error}", file=sys.stderr)
        return 4


def _up(stack: Stack) -> int:
    up(stack, say=print)
    print(f"CKAN answers at {stack.url}")
    print(f"editor's token:   {stack.editor_token}")
    print(f"sysadmin's token: {stack.sysadmin_token} (only for setting up)")
    return 0


def _down(stack: Stack) -> int:
    down(stack, say=print)
    return 0


def _status(stack: Stack) -> int:
    states = {service.name: service.pid for service in services(stack)}
    for name, pid in states.items():
        print(f"{name:<10}{f'process {pid}' if pid else 'not running'}")
    return 0 if all(states.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
