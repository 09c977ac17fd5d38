"""The suite of the service, as it might be: it starts the service and asks for what users ask for,
all at once. It knows nothing of faults; under a chaos stage it also tells what its users were told."""

import json
import os
import threading
import time
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, unquote

from chaos import new_trace, tell
from groove import Groove
from planted import parts
from service import make_service

BASE = os.environ.get("GROOVE_BASE_URL")
USER = os.environ.get("GROOVE_USER_TOKEN", "standin-user-subscriber")
ARTISTS = ["Daft Punk", "Avicii", "Katy Perry", "Madonna", "Muse", "Eminem"]


def item(number):
    return f"music.{number}-11DB-89CA-0019B92A3933"


PAGES = {
    "search": [f"/search?q={quote(name)}" for name in ARTISTS],
    "artist": [f"/artist?id={item(n)}" for n in ("C61C0000-0200", "2F531400-0200", "97E60200-0200")],
    "album": [f"/album?id={item(n)}" for n in ("B13EB907-0100", "3E362806-0100")],
    "latest": [f"/latest?genre={genre}" for genre in ("Rock", "Pop", "Jazz")],
    "charts": [f"/charts?of={of}" for of in ("artists", "albums", "tracks")],
    "new": [f"/new?genre={quote(genre)}" for genre in ("Rock", "Pop", "Jazz", "Classical", "Electronic / Dance")],
    "spotlight": [f"/spotlight?country={country}" for country in ("US", "GB", "FR")],
    "browse": [f"/browse?by={by}" for by in ("genres", "moods", "activities")],
    "collect": [f"/collection?track={item(n)}" for n in ("A83EB907-0100", "27EBA764-0100", "5FE0A33F-0100", "40A238D4-0100")],
}


def ask(port, path):
    """Asks for a page, and returns its status and document."""
    trace, field = new_trace()
    method = "POST" if path.startswith("/collection") else "GET"
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers={"traceparent": field})
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            status, page = response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        status, page = error.code, json.loads(error.read())
    tell(trace, status, page, time.monotonic() - begun)
    return status, page


@unittest.skipUnless(BASE, "GROOVE_BASE_URL is not set")
class ServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        policy, told = parts(os.environ.get("PLANTED"))
        service = make_service(Groove(BASE, USER, policy), told)
        cls.addClassCleanup(service.server_close)
        threading.Thread(target=service.serve_forever, args=(0.05,), daemon=True).start()
        cls.addClassCleanup(service.shutdown)
        paths = [path for group in PAGES.values() for path in group]
        with ThreadPoolExecutor(len(paths)) as users:
            cls.got = dict(zip(paths, users.map(lambda path: ask(service.server_port, path), paths)))

    def whole(self, group):
        """Wants every page of a group whole, and returns those that are, with their paths."""
        pages = []
        for path in PAGES[group]:
            with self.subTest(path):
                status, page = self.got[path]
                self.assertEqual(status, 200)
                self.assertFalse(page["partial"])
                pages.append((path, page))
        return pages

    def test_search_finds_artists(self):
        for path, page in self.whole("search"):
            self.assertIn(unquote(path.removeprefix("/search?q=")), page["items"])

    def test_lists_are_not_empty(self):
        for group in ("artist", "album", "latest", "charts", "browse"):
            for path, page in self.whole(group):
                self.assertTrue(page["items"], path)

    def test_pages_are_whole(self):
        for group in ("new", "spotlight", "collect"):
            self.whole(group)


if __name__ == "__main__":
    unittest.main()
