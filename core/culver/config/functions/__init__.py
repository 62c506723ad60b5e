"""Functions of `%{name;arguments:field}`: hashes, `if`, encryption."""
