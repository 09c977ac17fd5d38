"""A small service in front of Groove: pages of music for users."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from groove import Groove, GrooveError

PAGES = {
    "/search": "/1/content/music/search?q={q}",
    "/artist": "/1/content/{id}/lookup",
    "/album": "/1/content/{id}/catalog/album/tracks/browse",
    "/latest": "/1/content/music/catalog/albums/browse?orderBy=ReleaseDate&genre={genre}",
    "/charts": "/1/content/music/catalog/{of}/browse?orderBy=AllTimePlayCount",
    "/new": "/1/content/music/newreleases?genre={genre}",
    "/spotlight": "/1/content/music/spotlight?country={country}",
    "/browse": "/1/content/music/catalog/{by}",
}


class Told:
    """What a user is told: a status and a document."""

    def result(self, document):
        return 200, {"items": names_in(document), "partial": "Error" in document}

    def error(self, error):
        if error.status == 404:
            return 404, {"error": {"code": "not-found", "message": "There is nothing of that name."}}
        return 503, {"error": {"code": "unavailable", "message": "Music is not available right now. Please try again later."}}


def make_service(groove, told=None, address=("127.0.0.1", 0)):
    """Makes the server; whoever calls it serves."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer("GET")

        def do_POST(self):
            self.answer("POST")

        def answer(self, method):
            status, document = answer(groove, told or Told(), method, self.path, self.headers.get("traceparent"))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    return Server(address, Handler)


def answer(groove, told, method, target, trace):
    url = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    try:
        if method == "POST" and url.path == "/collection":
            return told.result(groove.add([query["track"]], trace))
        if url.path not in PAGES:
            return 404, {"error": {"code": "no-page", "message": "There is no such page."}}
        path = PAGES[url.path].format(**{name: quote(value, safe="") for name, value in query.items()})
        return told.result(groove.get(path, trace))
    except KeyError as missing:
        return 400, {"error": {"code": "bad-request", "message": f"The page wants {missing}."}}
    except GrooveError as error:
        return told.error(error)


def names_in(document):
    """The names of all items in a document of Groove's, whatever list they are in."""
    names = []
    for value in document.values():
        items = value.get("Items") if isinstance(value, dict) else value
        if isinstance(items, list):
            names.extend(name_of(item) for item in items)
    return names


def name_of(item):
    if not isinstance(item, dict):
        return str(item)
    inner = next((item[kind] for kind in ("Album", "Playlist", "Artist") if kind in item), {})
    return item.get("Name") or inner.get("Name") or str(item.get("Id"))


if __name__ == "__main__":
    caller = Groove(os.environ["GROOVE_BASE_URL"], os.environ.get("GROOVE_USER_TOKEN", ""))
    make_service(caller, address=("127.0.0.1", int(os.environ.get("PORT", "8080")))).serve_forever()
