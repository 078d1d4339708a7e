"""What is done last in the process that commands are forked from, so that none does it again."""

from api.composition import load_awards_of
from api.initialise import load_definitions
from api.settings import Settings
from tests import spared

spared.spare()
load_awards_of(Settings())
load_definitions(Settings().definitions)
spared.freeze()
