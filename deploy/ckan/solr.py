"""Solr with Japanese search, from Maven Central's jars: no distribution archive is needed.

Solr's core brings the analysis of Japanese (Kuromoji); a small Java program starts it inside Jetty.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx

from deploy.ckan.processes import Service, require_free
from deploy.ckan.software import solr_jars
from deploy.ckan.stack import FILES, Stack

SOURCE = FILES / "solr"
CKAN_SCHEMA = "ckan/config/solr/schema.xml"
# The field types of CKAN's schema in which words are searched.
ANALYSED = ("text", "text_general")


def service(stack: Stack) -> Service:
    """The server's process."""
    return Service(stack, "solr")


def address(stack: Stack) -> str:
    """The address of CKAN's core."""
    return f"http://127.0.0.1:{stack.solr_port}/solr/ckan"


def start(stack: Stack, programs: Path) -> None:
    """Write the core's configuration and start the server. `programs` are those of CKAN, whose schema is used."""
    server = service(stack)
    if server.pid is not None:
        return
    require_free(stack.solr_port, "CKAN_SOLR_PORT")
    home = stack.data / "solr"
    _write_core(home, next(programs.parent.glob(f"lib/python*/site-packages/{CKAN_SCHEMA}")))
    settings = {
        "solr.solr.home": home,
        "solr.log.dir": stack.log("solr").parent,
        "jetty.port": stack.solr_port,
        "log4j.configurationFile": SOURCE / "log4j2.xml",
    }
    options = [f"-D{name}={value}" for name, value in settings.items()]
    path = f"{solr_jars(stack)}/*"
    server.launch(["java", "-Xms128m", "-Xmx512m", *options, "-cp", path, SOURCE / "SolrOnLoopback.java"])
    server.wait_until(lambda: answers(stack), 120)


def answers(stack: Stack) -> bool:
    """Whether the core can be searched."""
    try:
        return httpx.get(f"{address(stack)}/select", params={"q": "*:*", "rows": 0}, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _write_core(home: Path, ckan_schema: Path) -> None:
    core = home / "ckan"
    (core / "conf").mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE / "solr.xml", home)
    for name in ("solrconfig.xml", "synonyms.txt", "stopwords.txt"):
        shutil.copy(SOURCE / name, core / "conf")
    (core / "core.properties").write_text("name=ckan\n", encoding="utf-8")
    japanese_schema(ckan_schema).write(core / "conf" / "schema.xml", encoding="utf-8", xml_declaration=True)


def japanese_schema(ckan_schema: Path) -> ET.ElementTree[ET.Element]:
    """CKAN's own schema with the analysis of `files/solr/japanese.xml` in its searched field types, nothing else."""
    schema = ET.parse(ckan_schema)  # noqa: S314 (comes with CKAN itself)
    japanese = ET.parse(SOURCE / "japanese.xml").getroot()  # noqa: S314 (stands beside this file)
    for name in ANALYSED:
        kind = schema.find(f".//fieldType[@name='{name}']")
        assert kind is not None, f"CKAN's schema has no field type {name}"
        for analyzer in list(kind):
            kind.remove(analyzer)
        kind.extend(japanese)
    return schema
