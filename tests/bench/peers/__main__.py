"""``python -m tests.bench.peers NAME URL FOLDER``, in the peers' environment."""

import sys
from importlib import import_module

from tests.bench.peers.child import serve

serve(import_module(f"tests.bench.peers.{sys.argv[1]}").Peer())
