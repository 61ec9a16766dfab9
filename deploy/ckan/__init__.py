"""A private CKAN 2.12 on loopback, from package registries alone.

`python -m deploy.ckan up` starts what is not running yet, `down` ends what `up` started, `status` tells.
The parts, each a service with its own module: PostgreSQL, Redis, Solr with Japanese search, and CKAN itself
(web and worker). `prepare` makes what an editor needs and can't make: organisations, groups, the editor.
"""
