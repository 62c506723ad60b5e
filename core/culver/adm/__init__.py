"""What the commands of ``culver adm`` share: output, users, search queries, dumps."""
