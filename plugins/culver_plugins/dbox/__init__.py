"""What sdbox and mdbox share: the file codec, the mailbox tree, the index of a mailbox."""
