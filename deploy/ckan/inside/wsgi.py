"""Runs in CKAN's own Python: the application that gunicorn serves, configured by the file that CKAN_INI names."""

from logging.config import fileConfig
from os import environ

from ckan.cli import load_config
from ckan.config.middleware import make_app

fileConfig(environ["CKAN_INI"], disable_existing_loggers=False)
application = make_app(load_config())
