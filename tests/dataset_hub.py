"""A local stand-in for the Hugging Face hub, as far as datasets are written to it and read from it.

It speaks the hub's own API over HTTP: repositories, the questions before an upload, Git LFS's batches,
commits, trees and files. It records what it was asked and how many bytes it received.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_" + "a1B2c3D4e5" * 4
NAME = r"(?P<name>[^/]+/[^/]+)"


@dataclass
class Repo:
    """A dataset repository: its files after each commit, the newest last."""

    private: bool
    commits: list[dict[str, bytes]] = field(default_factory=lambda: [{}])
    messages: list[str] = field(default_factory=list[str])

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1]

    @property
    def oid(self) -> str:
        return f"{len(self.commits):040x}"


class DatasetHub:
    """`owners`: in whose names the token may write; `broken`: number of uploads that fail first."""

    def __init__(self, *owners: str) -> None:
        self.owners = set(owners)
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.uploaded: list[int] = []
        self.broken = 0
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            ("POST", re.compile("/api/repos/create"), self._create),
            ("POST", re.compile("/api/validate-yaml"), lambda *_: {"errors": [], "warnings": []}),
            ("POST", re.compile(f"/api/datasets/{NAME}/preupload/main"), self._preupload),
            ("POST", re.compile(rf"/datasets/{NAME}\.git/info/lfs/objects/batch"), self._batch),
            ("PUT", re.compile("/lfs/(?P<oid>[0-9a-f]{64})"), self._put),
            ("POST", re.compile("/lfs/verify"), lambda *_: {}),
            ("POST", re.compile(f"/api/datasets/{NAME}/commit/main"), self._commit),
            ("GET", re.compile(f"/api/datasets/{NAME}(/revision/(?P<revision>[^/]+))?"), self._info),
            ("GET", re.compile(f"/api/datasets/{NAME}/tree/(?P<revision>[^/]+)(/(?P<path>.*))?"), self._tree),
            ("POST", re.compile(f"/api/datasets/{NAME}/paths-info/(?P<revision>[^/]+)"), self._paths),
            ("GET", re.compile(f"/datasets/{NAME}/resolve/(?P<revision>[^/]+)/(?P<path>.+)"), self._file),
        ]
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                """Logs nothing."""

        for method in ("GET", "HEAD", "POST", "PUT"):
            setattr(Handler, f"do_{method}", lambda handler: hub._answer(handler))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def publish(self, name: str, files: dict[str, bytes]) -> str:
        """Puts a public dataset of others there; returns its commit."""
        self.repos[name] = Repo(private=False, commits=[{}, files])
        return self.repos[name].oid

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if request.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(lambda: self._chunk(request), b""))
        url = urlsplit(request.path)
        self.asked.append(f"{request.command} {unquote(url.path)}")
        method = "GET" if request.command == "HEAD" else request.command
        for wanted, pattern, answer in self._routes:
            match = pattern.fullmatch(unquote(url.path))
            if match and wanted == method:
                status, found, headers = self._checked(request, match, answer, body, url.query)
                break
        else:
            status, found, headers = 404, {"error": "no such route"}, {"X-Error-Code": "EntryNotFound"}
        content = found if isinstance(found, bytes) else json.dumps(found).encode()
        ranged = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if ranged and status == 200:
            start, end = int(ranged[1]), int(ranged[2] or len(content) - 1)
            headers |= {"Content-Range": f"bytes {start}-{min(end, len(content) - 1)}/{len(content)}"}
            status, content = 206, content[start : end + 1]
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)

    @staticmethod
    def _chunk(request: BaseHTTPRequestHandler) -> bytes:
        size = int(request.rfile.readline(), 16)
        data = request.rfile.read(size)
        request.rfile.readline()
        return data

    def _checked(
        self, request: BaseHTTPRequestHandler, match: re.Match[str], answer: Any, body: bytes, query: str
    ) -> tuple[int, Any, dict[str, str]]:
        token = request.headers.get("Authorization")
        signed = request.command == "PUT" or request.path.startswith("/lfs/")
        name = match.groupdict().get("name")
        repo = self.repos.get(name or "")
        public = request.command in ("GET", "HEAD") and repo is not None and not repo.private
        if not signed and token != f"Bearer {TOKEN}" and (token or not public):
            return 401, {"error": "Invalid credentials"}, {"X-Error-Message": "Invalid credentials"}
        if name and repo is None:
            return 404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"}
        found = answer(match, body, repo, query)
        return found if isinstance(found, tuple) else (200, found, {"Content-Type": "application/json"})

    def _create(self, match: Any, body: bytes, repo: Any, query: str) -> Any:
        wanted = json.loads(body)
        owner = wanted.get("organization") or "me"
        name = f"{owner}/{wanted['name']}"
        if owner not in self.owners:
            message = "You don't have the rights to create a dataset under this namespace"
            return HTTPStatus.FORBIDDEN, {"error": message}, {"X-Error-Message": message}
        answer = {"url": f"{self.address}/datasets/{name}", "name": name, "id": name}
        if name in self.repos:
            return HTTPStatus.CONFLICT, answer | {"error": "You already created this dataset repo"}, {}
        self.repos[name] = Repo(bool(wanted.get("private")) or wanted.get("visibility") == "private")
        return answer

    def _preupload(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        files: list[dict[str, Any]] = []
        for file in json.loads(body)["files"]:
            lfs = not file["path"].endswith((".md", ".jsonl"))
            there = repo.files.get(file["path"])
            oid = None if there is None else (_sha256(there) if lfs else _git_oid(there))
            mode = "lfs" if lfs else "regular"
            files.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return {"files": files}

    def _batch(self, match: Any, body: bytes, repo: Any, query: str) -> Any:
        objects: list[dict[str, Any]] = []
        for wanted in json.loads(body)["objects"]:
            upload = {"href": f"{self.address}/lfs/{wanted['oid']}"}
            verify = {"href": f"{self.address}/lfs/verify"}
            missing = wanted["oid"] not in self.objects
            actions = {"actions": {"upload": upload, "verify": verify}} if missing else {}
            objects.append({"oid": wanted["oid"], "size": wanted["size"]} | actions)
        answer = {"transfer": "basic", "objects": objects}
        return 200, answer, {"Content-Type": "application/vnd.git-lfs+json"}

    def _put(self, match: Any, body: bytes, repo: Any, query: str) -> Any:
        if self.broken:
            self.broken -= 1
            return 400, {"error": "the upload was broken"}, {}
        assert _sha256(body) == match["oid"]
        self.objects[match["oid"]] = body
        self.uploaded.append(len(body))
        return {}

    def _commit(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        files = dict(repo.files)
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "header":
                repo.messages.append(value["summary"])
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
                self.uploaded.append(len(files[value["path"]]))
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
            else:
                raise AssertionError(line)
        repo.commits.append(files)
        url = f"{self.address}/datasets/{match['name']}/commit/{repo.oid}"
        return {"success": True, "commitOid": repo.oid, "commitUrl": url}

    def _info(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        siblings = [{"rfilename": path} for path in sorted(repo.files)]
        about = {"id": match["name"], "sha": repo.oid, "private": repo.private, "siblings": siblings}
        return about | {"gated": False, "disabled": False, "tags": [], "downloads": 0, "likes": 0}

    def _tree(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        below = f"{match['path']}/" if match["path"] else ""
        deep = parse_qs(query).get("recursive", ["false"])[0].lower() in ("true", "1")
        inside = [path for path in sorted(repo.files) if path.startswith(below)]
        if match["path"] and not inside:
            return 404, {"error": "no such folder"}, {"X-Error-Code": "EntryNotFound"}
        folders = {below + path[len(below) :].split("/")[0] for path in inside if "/" in path[len(below) :]}
        if deep:
            folders = {path[:n] for path in inside for n, char in enumerate(path) if char == "/"}
            folders.discard(below[:-1])
        found = [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in sorted(folders)]
        return found + [
            _entry(path, repo.files[path]) for path in inside if deep or "/" not in path[len(below) :]
        ]

    def _paths(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        try:
            paths = json.loads(body)["paths"]
        except ValueError:
            paths = parse_qs(body.decode())["paths"]
        found = [_entry(path, repo.files[path]) for path in paths if path in repo.files]
        folders = [p for p in paths if any(path.startswith(f"{p}/") for path in repo.files)]
        return found + [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]

    def _file(self, match: Any, body: bytes, repo: Repo, query: str) -> Any:
        content = repo.files.get(match["path"])
        if content is None:
            return 404, {"error": "no such file"}, {"X-Error-Code": "EntryNotFound"}
        headers = {"X-Repo-Commit": repo.oid, "ETag": f'"{_sha256(content)}"', "Accept-Ranges": "bytes"}
        return 200, content, headers


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _entry(path: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "oid": _git_oid(content), "size": len(content)}
