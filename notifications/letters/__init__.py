"""Letters: what each kind of mail says, in the language of whoever gets it."""
