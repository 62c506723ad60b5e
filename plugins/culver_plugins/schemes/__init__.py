"""Password schemes: every form in which Dovecot stores passwords."""
