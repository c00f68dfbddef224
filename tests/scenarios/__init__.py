"""Random scenarios, dense in the edges of the rules, packed into landing folders.

Every seed gives one small company whose ids, hosts, utm values, keywords and pipelines no other
seed shares, so that many scenarios can be loaded and built at once. `write_landing` writes them
as one drop, `write_loads` as several. `random_journeys` defines journeys over them.
"""

from tests.scenarios.journeys import random_journeys
from tests.scenarios.pack import build, write_landing, write_loads
from tests.scenarios.world import World

__all__ = ["World", "build", "random_journeys", "write_landing", "write_loads"]
