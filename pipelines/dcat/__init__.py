"""The catalogue as DCAT-AP 3.0, for portals that harvest it: `catalogue.jsonld`, and the same graph as `catalogue.ttl`.

Only a catalogue with a public address (`OPENDATA_BASE_URL`) has them, since RDF names things by address. What the
European profile asks for by address of an authority (frequency, language, file type, licence) is named so; every node
has an address, so there are no blank ones and the same releases give the same bytes
(https://semiceu.github.io/DCAT-AP/releases/3.0.0/).
"""

from pipelines.dcat.made import dcat

__all__ = ["dcat"]
