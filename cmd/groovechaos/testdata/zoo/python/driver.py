"""Makes calls by requests, with urllib3's Retry: driver.py BASE_URL IDENTITY TOKEN

Every line on standard input is a call, as JSON, and is made at once, beside those that are under way. Every line on
standard output says how one ended.
"""

import json
import sys
import threading

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

base, identity, token = sys.argv[1:]
retry = Retry(total=4, backoff_factor=0.5, status_forcelist=[429, 500, 502, 503, 504], raise_on_status=False)
session = requests.Session()
session.trust_env = False  # no proxy
session.mount("http://", HTTPAdapter(max_retries=retry, pool_maxsize=200))
writing = threading.Lock()


def made(call):
    """Makes a call and everything that the client does about it."""
    headers = {"Authorization": "Bearer " + token, "X-Zoo-Client": identity, "X-Zoo-Call": call["id"]}
    if call["body"]:
        headers["Content-Type"] = "application/json"
    outcome = {"id": call["id"], "status": 0}
    try:
        response = session.request(call["method"], base + call["path"], headers=headers, data=call["body"] or None)
        outcome["status"] = response.status_code
    except requests.RequestException as error:
        outcome["error"] = str(error)
    with writing:
        print(json.dumps(outcome), flush=True)


threads = []
for line in sys.stdin:
    threads.append(threading.Thread(target=made, args=(json.loads(line),), daemon=True))
    threads[-1].start()
for thread in threads:
    thread.join()
