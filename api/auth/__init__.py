"""Who asks and how they prove it: sessions, tokens, passwords, second factors, their limits."""
