"""The storage format sdbox: a file per mail, flags in the index."""
