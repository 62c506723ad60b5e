"""``culver adm dump``: Dovecot's binary files as text, as ``doveadm dump`` prints them."""
