"""SASL mechanisms whose only need is a password: PLAIN and LOGIN."""
