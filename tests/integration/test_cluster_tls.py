"""A cluster with certificates of a user's own, given to the command as the documentation says."""

from contextlib import closing

import pytest

pytest.importorskip("cryptography")

from tests.certificates import Authority
from tests.clusters import RealCluster
from tests.support import in_soak, needs

needs("distributed")

QUESTION = "how do retries and the buffer limit work together?"


def variables(authority, name):
    """The environment of a command that shows a certificate."""
    certificate, key = authority.vouch(name)
    tls = "DASK_DISTRIBUTED__COMM__TLS"
    return {
        f"{tls}__CA_FILE": str(authority.file),
        f"{tls}__CLIENT__CERT": str(certificate),
        f"{tls}__CLIENT__KEY": str(key),
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
    }


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, authority):
    certificate, key = authority.vouch("cluster")
    tls = (
        *("--tls-ca-file", str(authority.file)),
        *("--tls-cert", str(certificate), "--tls-key", str(key)),
    )
    with closing(RealCluster(tmp_path_factory.mktemp("cluster"), tls=tls)) as made:
        made.add_worker("--no-nanny", "--protocol", "tls")
        yield made


def ask(docsearch, folder, cluster, environment):
    return docsearch(
        *("ask", QUESTION, "--deep", "--max-agents", "4", "--json"),
        *("--engine", "dask", "--scheduler", cluster.address),
        cwd=folder,
        environment=environment,
    )


def test_a_certificate_of_the_clusters_authority_is_taken(docsearch, fenwick, cluster, authority):
    ended = ask(docsearch, fenwick, cluster, variables(authority, "me"))

    assert ended.code == 0, ended.stderr
    assert ended.data["budget"]["agents_used"] == 4


def test_one_of_another_authority_is_refused(docsearch, fenwick, cluster, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    ended = ask(docsearch, fenwick, cluster, variables(stranger, "me"))

    assert ended.code == 3, ended.stderr
    assert "there is no scheduler at tls://" in ended.stdout


@in_soak
def test_without_a_certificate_nothing_is_sent(docsearch, fenwick, cluster):
    ended = ask(docsearch, fenwick, cluster, {})

    assert ended.code == 3, ended.stderr
    assert "there is no scheduler at tls://" in ended.stdout
