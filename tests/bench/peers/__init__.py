"""Other workflow libraries doing the job of floor A, each in a process of the peers' environment."""
