"""One file per mailbox: mbox as Dovecot reads and writes it (inventory R4-025 to R4-035)."""
