"""The output formats of ``-f``, as doveadm 2.3 writes them."""
