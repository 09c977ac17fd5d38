"""A token, and two searches with it, by requests: client.py TOKEN_URL SEARCH_URL"""

import sys

import requests

token_url, search_url = sys.argv[1:]
session = requests.Session()


def call(method, url, **options):
    response = session.request(method, url, timeout=20, **options)
    version = {10: "1.0", 11: "1.1", 20: "2"}[response.raw.version]
    print(response.status_code, version, response.text, flush=True)
    return response


granted = call(
    "POST",
    token_url,
    data={
        "grant_type": "client_credentials",
        "client_id": "intercept",
        "client_secret": "secret",
        "scope": "app.music.xboxlive.com",
    },
).json()
for _ in range(2):
    call("GET", search_url, headers={"Authorization": "Bearer " + granted["access_token"]})
