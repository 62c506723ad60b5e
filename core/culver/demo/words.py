"""What the demo prints: how to get in, as commands to copy."""

from __future__ import annotations

from culver.demo.place import Place


def greeting(place: Place) -> str:
    """The first screen."""
    imap, imaps, lmtp = (place.ports[name] for name in ("imap", "imaps", "lmtp"))
    accounts = "\n".join(f"  {user:<8} password {word}" for user, word in place.passwords.items())
    password = place.passwords["alice"]
    return f"""\
culver demo: a complete mail server in {place.root}

Accounts
{accounts}

IMAP on 127.0.0.1:{imap} (STARTTLS), IMAPS on 127.0.0.1:{imaps}, LMTP on 127.0.0.1:{lmtp}
The certificate is self-signed: {place.root}/tls/cert.pem

Try, in another terminal:

  # the mailboxes, and the first mail
  curl -sk imaps://127.0.0.1:{imaps}/ -u alice:{password}
  curl -sk 'imaps://127.0.0.1:{imaps}/INBOX;MAILINDEX=1' -u alice:{password}

  # a copy of all mail, and again: the second run transfers nothing
  mkdir -p {place.root}/copy
  printf '%s\\n' 'IMAPAccount demo' 'Host localhost' 'Port {imaps}' 'User alice' \\
    'Pass {password}' 'SSLType IMAPS' 'CertificateFile {place.root}/tls/cert.pem' '' \\
    'IMAPStore far' 'Account demo' '' 'MaildirStore near' 'Path {place.root}/copy/' \\
    'Inbox {place.root}/copy/INBOX' 'SubFolders Verbatim' '' 'Channel all' 'Far :far:' \\
    'Near :near:' 'Patterns *' 'Create Near' 'SyncState *' > {place.root}/mbsyncrc
  mbsync -c {place.root}/mbsyncrc all

  # a new mail, through LMTP
  swaks --protocol LMTP --server 127.0.0.1:{lmtp} --to alice --from me@example.org \\
    --header 'Subject: hello'

What happens is told below, an event a line. Ctrl-C stops the server; the mail stays.
"""
