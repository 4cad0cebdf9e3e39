"""`glan db`: what it prints and refuses. tests/graph/test_embedded.py tests the embedded Neo4j itself."""

import json

import pytest
from typer.testing import CliRunner

from service.commands.db import app


@pytest.fixture
def glan_db(tmp_path, monkeypatch):
    """Runs a command of `glan db` on an unused data folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NEO4J_URI", raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_info_of_a_folder_never_used(glan_db, tmp_path):
    facts = json.loads(glan_db("info", "--json").stdout)
    assert facts["embedded"] is True
    assert facts["running"] is False
    assert facts["home"] == str((tmp_path / "home").resolve())
    assert "not running" in glan_db("info").stdout
    assert not (tmp_path / "home").exists()


def test_path_is_one_line(glan_db, tmp_path):
    assert glan_db("path").stdout == f"{(tmp_path / 'home').resolve()}\n"
    assert json.loads(glan_db("path", "--json").stdout)["password_file"].endswith("password")


def test_stop_when_nothing_runs(glan_db):
    result = glan_db("stop", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"stopped": False})


def test_a_server_of_the_users_is_left_alone(glan_db, monkeypatch):
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:9")
    assert json.loads(glan_db("info", "--json").stdout) == {
        "embedded": False,
        "uri": "bolt://127.0.0.1:9",
        "username": "neo4j",
    }
    for command in ("start", "stop"):
        result = glan_db(command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("error: NEO4J_URI is set")


def test_unknown_options_are_usage_errors(glan_db):
    assert glan_db("stop", "--hard").exit_code == 2
