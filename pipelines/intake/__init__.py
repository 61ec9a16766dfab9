"""Where deliveries come from: a folder or an address. Looking is cheap; fetching archives the bytes by their hash."""

from pipelines.intake.arrivals import Arrival, arrival_of, arrivals, note
from pipelines.intake.fetch import Delivery, Observation, fetch, is_long, look, place_of

__all__ = [
    "Arrival",
    "Delivery",
    "Observation",
    "arrival_of",
    "arrivals",
    "fetch",
    "is_long",
    "look",
    "note",
    "place_of",
]
