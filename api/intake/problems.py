"""How a judge of files says what is wrong: a code, and a detail that the sentence for it names."""

Problem = tuple[str, str]
