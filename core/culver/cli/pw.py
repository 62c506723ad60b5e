"""``culver pw``: make and verify password hashes, in ``doveadm pw``'s form (inventory R10-138)."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Final

from culver.cli.command import CliCommand

if TYPE_CHECKING:
    from culver.auth.schemes import SchemeSet

DEFAULT_SCHEME: Final = "CRYPT"
EXIT_FATAL: Final = 75
"""EX_TEMPFAIL of sysexits.h: scripts that call ``doveadm pw`` look for it."""
_TRIES: Final = 3
_MAX_ROUNDS: Final = 2**32 - 1


class PwCommand(CliCommand):
    """Prints ``{SCHEME}hash``, ready for a passwd-file."""

    name = "pw"
    help = "make and verify password hashes"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("-l", "--list", action="store_true", help="list the schemes")
        add("-p", "--plaintext", metavar="PASSWORD", help="the password; asked for if not given")
        add("-r", "--rounds", type=int, default=0, help="cost of the hash (default: the scheme's)")
        add("-s", "--scheme", default=DEFAULT_SCHEME, help=f"default: {DEFAULT_SCHEME}")
        add("-t", "--test-hash", metavar="HASH", help="does the password fit this {SCHEME}hash?")
        add("-u", "--user", default="", help="user name, where the scheme uses it (DIGEST-MD5)")
        add("-V", "--reverse-verify", action="store_true", help="verify the hash that was made")

    def run(self, args: argparse.Namespace) -> int:
        from culver.auth.scheme import BadStoredPassword
        from culver.auth.schemes import UnknownScheme

        schemes = _schemes()
        if args.list:
            return _list(schemes)
        if not 0 <= args.rounds <= _MAX_ROUNDS:
            return _fatal(f"Invalid number of rounds: {args.rounds} (allowed: 0 to {_MAX_ROUNDS})")
        password = _password(args)
        if password is None:
            return 1
        try:
            if args.test_hash is not None:
                return _test(schemes, password, args.test_hash, args.user)
            return _make(schemes, password, args)
        except (UnknownScheme, BadStoredPassword) as error:
            return _fatal(str(error))


def _schemes() -> SchemeSet:
    from culver.auth.schemes import SchemeSet
    from culver.cli.every_plugin import every_plugin

    return SchemeSet(entry.value for entry in every_plugin().schemes)


def _list(schemes: SchemeSet) -> int:
    """Names on one line; without those of the past, which only the log must know."""
    from culver.auth.scheme import DeadScheme

    print(*(name for name in schemes.names() if not isinstance(schemes.find(name)[0], DeadScheme)))
    return 0


def _make(schemes: SchemeSet, password: str, args: argparse.Namespace) -> int:
    scheme = args.scheme.upper()
    stored = schemes.generate(password, scheme, args.user, args.rounds)
    if not args.reverse_verify:
        print(f"{{{scheme}}}{stored}")
        return 0
    return _verify(schemes, password, scheme, stored, args.user)


def _test(schemes: SchemeSet, password: str, given: str, user: str) -> int:
    from culver.auth.schemes import split_scheme

    scheme, stored = split_scheme(given)
    if not scheme:
        return _fatal("Missing {scheme} prefix from hash")
    return _verify(schemes, password, scheme, stored, user)


def _verify(schemes: SchemeSet, password: str, scheme: str, stored: str, user: str) -> int:
    if not schemes.verify_sync(password, scheme, stored, user):
        return _fatal("reverse password verification check failed: Password mismatch")
    print(f"{{{scheme}}}{stored} (verified)")
    return 0


def _password(args: argparse.Namespace) -> str | None:
    """What was given or typed; None when it was typed differently three times."""
    if args.plaintext is not None:
        return str(args.plaintext)
    if args.test_hash is not None:
        return _ask("Enter password to verify: ")
    for _ in range(_TRIES):
        password = _ask("Enter new password: ")
        if password == _ask("Retype new password: "):
            return password
        print("culver pw: Error: Passwords don't match!", file=sys.stderr)
    return None


def _ask(prompt: str) -> str:
    """A line, unseen when it is typed; a pipe may give it too."""
    if sys.stdin.isatty():
        return getpass(prompt)
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().removesuffix("\n")


def _fatal(text: str) -> int:
    print(f"culver pw: Fatal: {text}", file=sys.stderr)
    return EXIT_FATAL


COMMAND = PwCommand()
