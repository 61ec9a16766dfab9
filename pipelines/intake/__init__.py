"""Where deliveries come from: a folder or an address. Looking is cheap; fetching archives the bytes by their hash."""

from pipelines.intake.fetch import Delivery, Observation, fetch, is_long, look, place_of

__all__ = ["Delivery", "Observation", "fetch", "is_long", "look", "place_of"]
