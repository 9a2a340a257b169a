"""A site over documents that mean no good, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from docsearch_cli.web.site import Site
from tests.local_page import client_of, make_site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder: Path = tmp_path_factory.mktemp("site")
    return make_site(folder)


@pytest.fixture
def client(site: Site) -> TestClient:
    return client_of(site)
