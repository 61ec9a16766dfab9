"""What is there, what should be there, the least that leads from one to the other."""

from pipelines.catalogue.folder import FolderCatalogue
from pipelines.catalogue.interface import Action, Catalogue, Drift, Wanted

__all__ = ["Action", "Catalogue", "Drift", "FolderCatalogue", "Wanted"]
