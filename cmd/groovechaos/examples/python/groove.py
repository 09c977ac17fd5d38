"""A caller of Groove that behaves: it repeats what may pass, leaves alone what must not be
repeated, waits longer each time and as long as it is told, and hands errors on."""

import json
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

AGENT = "music-python/1.0"


class Policy:
    """What is repeated, how often, and after how long."""

    attempts = 4
    timeout = 30.0

    def repeats(self, method, status):
        """Says whether to repeat; status is 0 where no answer came. A write whose fate is unknown is not sent again."""
        return method == "GET" and status in (0, 429, 500, 502, 503, 504)

    def wait(self, k, retry_after):
        """Seconds before repeat k, from 1 on: exponential, with half of it drawn, so that many callers do not come back as one."""
        if retry_after is not None:
            return retry_after + 0.05 * random.random()
        most = 0.25 * 2**k
        return most / 2 + most / 2 * random.random()

    def refreshes(self, code):
        return code == "ACCESS_TOKEN_EXPIRED"


class GrooveError(Exception):
    """What went wrong with a call. The description is for developers."""

    def __init__(self, status, code, description, retry_after=None):
        super().__init__(description)
        self.status, self.code, self.retry_after = status, code, retry_after


class Groove:
    def __init__(self, base, user_token, policy=None, client="example", secret="example"):
        self.base, self.user_token, self.policy = base, user_token, policy or Policy()
        self.client, self.secret = client, secret
        self.token, self.lock = None, threading.Lock()

    def get(self, path, trace=None):
        """Asks for something of the catalogue. trace is a traceparent to pass on."""
        return self._call("GET", path, None, trace)

    def add(self, track_ids, trace=None):
        """Adds tracks to the user's collection."""
        body = json.dumps({"TrackIds": track_ids}).encode()
        return self._call("POST", "/1/content/music/collection/add", body, trace)

    def _call(self, method, path, body, trace):
        headers = {"Accept": "application/json"}
        headers["X-Groovechaos-Call"] = str(uuid.uuid4())  # The same for all attempts: a short chaos stage need not guess then.
        if body:
            headers["Content-Type"] = "application/json"
        if trace:
            headers["traceparent"] = trace
        refreshed, k = False, 1
        while True:
            token = self.user_token if body else self._token()
            try:
                return self._send(method, path, body, {**headers, "Authorization": "Bearer " + token})
            except GrooveError as error:
                if not refreshed and not body and self.policy.refreshes(error.code):
                    refreshed = True
                    self._forget(token)
                    continue
                if k >= self.policy.attempts or not self.policy.repeats(method, error.status):
                    raise
                time.sleep(self.policy.wait(k, error.retry_after))
                k += 1

    def _send(self, method, path, body, headers):
        request = urllib.request.Request(self.base + path, data=body, method=method, headers={**headers, "User-Agent": AGENT})
        try:
            with urllib.request.urlopen(request, timeout=self.policy.timeout) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            told = error_in(error.read())
            raise GrooveError(error.code, told.get("ErrorCode"), told.get("Description", ""), wait_of(error.headers)) from error
        except (OSError, ValueError) as error:
            raise GrooveError(0, None, str(error)) from error

    def _token(self):
        """The application's token: asked for once, however many calls want it."""
        with self.lock:
            if self.token is None:
                self.token = self._issue()
            return self.token

    def _issue(self):
        form = {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret, "scope": "app.music.xboxlive.com"}
        k = 1
        while True:
            try:
                return self._send("POST", "/accesstoken.srf", urllib.parse.urlencode(form).encode(), {})["access_token"]
            except GrooveError as error:  # To ask again is as harmless as with a GET.
                if k >= self.policy.attempts or not self.policy.repeats("GET", error.status):
                    raise
                time.sleep(self.policy.wait(k, error.retry_after))
                k += 1

    def _forget(self, token):
        """Lets go of a token that has expired, unless there is another one already."""
        with self.lock:
            if self.token == token:
                self.token = None


def error_in(body):
    try:
        return json.loads(body).get("Error") or {}
    except (ValueError, AttributeError):
        return {}  # A load balancer sends no JSON.


def wait_of(headers):
    """Seconds that an answer asks to wait: a number or a date, None for nothing that can be read."""
    field = headers.get("Retry-After", "")
    if field.isdigit():
        return float(field)
    try:
        return max((parsedate_to_datetime(field) - datetime.now(timezone.utc)).total_seconds(), 0)
    except (TypeError, ValueError):
        return None
