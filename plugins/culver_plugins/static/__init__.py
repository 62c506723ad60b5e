"""One password and one set of fields for everybody; and prefetched fields as a userdb."""
