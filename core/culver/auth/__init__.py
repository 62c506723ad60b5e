"""Who is it, and may he: passdb and userdb chains, SASL, schemes, delays."""
