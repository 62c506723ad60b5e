"""Search queries as doveadm-search-query(7) writes them."""
