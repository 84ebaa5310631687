# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over a pipe with its DevTools protocol: no driver and no other package is needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

# Seconds for one answer of the browser.
TIMEOUT = 20
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Chromium:
    """One browser with one page."""

    def __init__(self, profile):
        binary = next((path for name in NAMES if (path := shutil.which(name))), None)
        assert binary, "no Chromium is installed: run scripts/browser.sh"
        # The browser reads from its file descriptor 3 and writes to 4.
        from_us, self._to = os.pipe()
        self._from, to_us = os.pipe()
        command = f'exec 3<&{from_us} 4>&{to_us}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", command, "chromium", binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._buffer = b""
        self._number = 0
        self._session = None
        self.events = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(item for item in targets if item["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def call(self, method, **parameters):
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        answer = self._until(lambda message: message.get("id") == self._number)
        assert "error" not in answer, answer
        return answer["result"]

    def _until(self, wanted):
        deadline = time.monotonic() + TIMEOUT
        while True:
            while b"\0" not in self._buffer:
                remaining = deadline - time.monotonic()
                ready = remaining > 0 and select.select([self._from], [], [], remaining)[0]
                assert ready, "the browser does not answer"
                chunk = os.read(self._from, 1 << 16)
                assert chunk, "the browser ended"
                self._buffer += chunk
            text, _zero, self._buffer = self._buffer.partition(b"\0")
            message = json.loads(text)
            if "id" not in message:
                self.events.append(message)
            if wanted(message):
                return message

    def open(self, path, width, height=900, scheme="light", media=""):
        """Shows a file. `events` has what happened since then."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.media(scheme, media)
        self.call("Page.navigate", url=path.as_uri())
        self._until(lambda message: message.get("method") == "Page.loadEventFired")

    def media(self, scheme, media=""):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def errors(self):
        """Messages of the console, exceptions, and entries of the log, as text."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        # An answer to this comes after all events before it.
        self.call("Runtime.evaluate", expression="1")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]

    def requests(self):
        """The addresses that the page asked for."""
        return [
            event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, path):
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self):
        answer = self.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.7)
        return base64.b64decode(answer["data"])
