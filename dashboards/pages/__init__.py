"""The pages of the dashboard: what is asked of the marts, and how it is drawn."""

from dashboards.model import Page
from dashboards.pages import attribution, behaviour, channels, journeys, kpis, overview, quality


def pages() -> list[Page]:
    """The pages in their order, but for those of the campaigns."""
    modules = (overview, attribution, channels, kpis, journeys, behaviour, quality)
    return [module.page() for module in modules]
