"""An RDF profile after `euro_dcat_ap_3`: what ckanext-dcat writes as bare texts, as the nodes that DCAT-AP 3 wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from ckanext.dcat.profiles.base import RDFProfile
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LANGUAGES = "http://publications.europa.eu/resource/authority/language/"
THREE_LETTERS = {"ja": "JPN", "en": "ENG"}
PUBLISHER = "ckanext.opendata_swap.publisher_name"  # of the catalogue as a whole; without it, the site's title


class OpenDataProfile(RDFProfile):  # type: ignore[misc]
    """`opendata_dcat_ap` in `ckanext.dcat.rdf.profiles`, as the last one."""

    def graph_from_catalog(self, catalog_dict: Mapping[str, Any], catalog_ref: URIRef) -> None:
        """Publisher, languages and home page of the catalogue."""
        del catalog_dict
        publisher = URIRef(f"{catalog_ref}#publisher")  # the same on every page
        name = toolkit.config.get(PUBLISHER) or toolkit.config.get("ckan.site_title")
        self.g.add((catalog_ref, DCTERMS.publisher, publisher))
        self.g.add((publisher, RDF.type, FOAF.Agent))
        self.g.add((publisher, FOAF.name, Literal(name)))
        for page in self.g.objects(catalog_ref, FOAF.homepage):
            self.g.add((page, RDF.type, FOAF.Document))
        for language in list(self.g.objects(catalog_ref, DCTERMS.language)):
            if str(language) in THREE_LETTERS:
                known = URIRef(LANGUAGES + THREE_LETTERS[str(language)])
                self._instead(catalog_ref, DCTERMS.language, language, known, DCTERMS.LinguisticSystem)

    def graph_from_dataset(self, dataset_dict: Mapping[str, Any], dataset_ref: URIRef) -> None:
        """Media type and format of each distribution."""
        del dataset_dict
        for file in self.g.objects(dataset_ref, DCAT.distribution):
            for kind in list(self.g.objects(file, DCAT.mediaType)):
                if isinstance(kind, Literal):
                    known = URIRef(MEDIA_TYPES + str(kind))
                    self._instead(file, DCAT.mediaType, kind, known, DCTERMS.MediaType)
            for form in list(self.g.objects(file, DCTERMS.format)):
                if isinstance(form, Literal):
                    node = BNode()
                    self._instead(file, DCTERMS.format, form, node, DCTERMS.MediaTypeOrExtent)
                    self.g.add((node, RDFS.label, form))

    def _instead(self, subject: URIRef, predicate: URIRef, text: Literal, node: URIRef | BNode, kind: URIRef) -> None:
        """A node of a class where a text was."""
        self.g.remove((subject, predicate, text))
        self.g.add((subject, predicate, node))
        self.g.add((node, RDF.type, kind))
