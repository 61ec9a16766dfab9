"""A CKAN as a catalogue: look, compare, take the least steps. docs/ckan.md tells the whole protocol.

client     every request goes through `Client.call`, `Client.revise` or `Client.download`
mapping    a release → what CKAN should show of it; pure
columns    a release → columns and dictionary of its table; pure
resources  a release → its resources: stable addresses, immutable files, the table; pure
shown      what CKAN shows → the parts of it that are ours, and how they differ; pure
rows       the DataStore table: read, compared, brought to what is wanted
readback   what CKAN really serves: found, downloaded, counted
publish    one dataset: claim, rows, files and metadata, read-back
patience   a CKAN that hangs is waited for once
catalogue  `CkanCatalogue`
"""

from pipelines.catalogue.ckan.catalogue import CkanCatalogue
from pipelines.catalogue.ckan.patience import Patience

__all__ = ["CkanCatalogue", "Patience"]
