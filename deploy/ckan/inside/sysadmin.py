"""Runs in CKAN's own Python: makes the sysadmin named first, with the password on standard input; prints a new token.

The only step that CKAN offers no API for; whatever comes after it is done through the API with that token.
"""

import sys

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit

name = sys.argv[1]
site = make_app(load_config())
with site._wsgi_app.test_request_context():  # noqa: SLF001 (as CKAN's own command line does)
    if model.User.get(name) is None:
        user = {"name": name, "email": f"{name}@example.invalid", "password": sys.stdin.read()}
        toolkit.get_action("user_create")({"ignore_auth": True}, user)
    account = model.User.get(name)
    account.sysadmin = True
    model.repo.commit()
    answer = toolkit.get_action("api_token_create")({"ignore_auth": True}, {"user": name, "name": "stack"})
sys.stdout.write(answer["token"])
