"""A browser that signs a person of the sandbox in and decides an act at the desk, step by step as a person does: it
follows links, picks the person at the provider, sends the forms that the pages hold. It shares no code with the hub.

    browser.py SITE PERSON [--ca FILE] [--agency CODE] [--decide APPROVAL approve|refuse]

Prints one JSON object: what each page said. Exit code 1 where a page is not what a person would expect.
"""

import argparse
import html
import http.client
import json
import re
import ssl
import sys
import urllib.parse


class Browser:
    def __init__(self, ca):
        self.jars = {}
        self.context = ssl.create_default_context(cafile=ca) if ca else None
        self.at = None

    def go(self, address, form=None):
        """Follows redirects like a browser: always by GET."""
        for _ in range(12):
            address = urllib.parse.urljoin(self.at or "", address)
            status, headers, text = self.once(address, form)
            self.at, form = address, None
            if status not in (302, 303):
                return status, text
            address = headers["location"]
        sys.exit("it redirects for ever")

    def once(self, address, form):
        url = urllib.parse.urlsplit(address)
        jar = self.jars.setdefault(url.netloc, {})
        if url.scheme == "https":
            peer = http.client.HTTPSConnection(url.netloc, timeout=30, context=self.context)
        else:
            peer = http.client.HTTPConnection(url.netloc, timeout=30)
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{url.scheme}://{url.netloc}"
            headers["Sec-Fetch-Site"] = "same-origin"
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        peer.request("GET" if form is None else "POST", path, body, headers)
        answer = peer.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.keep(jar, value)
        told = {name.lower(): value for name, value in answer.getheaders()}
        peer.close()
        return answer.status, told, text

    @staticmethod
    def keep(jar, line):
        cookie, _, rest = line.partition(";")
        name, _, value = cookie.partition("=")
        gone = "max-age=0" in rest.lower().replace(" ", "") or "expires=thu, 01 jan 1970" in rest.lower()
        if gone:
            jar.pop(name, None)
        else:
            jar[name] = value


def links(text):
    return [html.unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', text)]


def form_to(text, part):
    """The form whose address holds this, and its hidden fields."""
    for address, inside in re.findall(r'<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>', text, re.S):
        if part in address:
            fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', inside)
            return html.unescape(address), {name: html.unescape(value) for name, value in fields}
    sys.exit(f"no form to {part}")


def heading(text):
    found = re.search(r"<h1>(.*?)</h1>", text, re.S)
    return html.unescape(re.sub(r"<[^>]*>", "", found.group(1))).strip() if found else ""


def facts(text):
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text, re.S)
    return {re.sub(r"<[^>]*>", "", name): re.sub(r"<[^>]*>", "", value) for name, value in pairs}


def sign_in(browser, site, person, agency):
    status, text = browser.go(f"{site}/desk")
    start = next(link for link in links(text) if link.startswith("/desk/sign-in/") and f"/{agency}?" in link)
    status, text = browser.go(start)
    picked = next(link for link in links(text) if link.endswith(f"picked={person}"))
    return browser.go(picked)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("site")
    parser.add_argument("person")
    parser.add_argument("--ca")
    parser.add_argument("--agency", default="ictp")
    parser.add_argument("--decide", nargs=2)
    asked = parser.parse_args()
    browser = Browser(asked.ca)
    status, text = sign_in(browser, asked.site, asked.person, asked.agency)
    said = {"in": [status, heading(text)], "facts": facts(text)}
    if asked.decide:
        approval, how = asked.decide
        status, text = browser.go(f"{asked.site}/desk/approvals/{approval}")
        address, fields = form_to(text, f"/{how}")
        # Once more that it is me, though it was a moment ago.
        status, again = browser.go(f"{asked.site}/desk/confirm?return_to=/desk/approvals/{approval}")
        status, text = browser.go(next(link for link in links(again) if "/desk/confirm/go" in link))
        picked = [link for link in links(text) if link.endswith(f"picked={asked.person}")]
        status, text = browser.go(picked[0]) if picked else (status, text)
        said["confirmed"] = [status, heading(text)]
        old = browser.go(address, fields)
        said["old form"] = [old[0], heading(old[1])]
        status, text = browser.go(f"{asked.site}/desk/approvals/{approval}")
        status, text = browser.go(*form_to(text, f"/{how}"))
        said["decided"] = [status, facts(text).get("How it stands")]
    if status == 200 and said["in"][1] == "Your desk":
        status, text = browser.go(f"{asked.site}/desk")
        status, text = browser.go(*form_to(text, "/desk/sign-out"))
        said["out"] = [status, heading(text)]
        status, text = browser.go(f"{asked.site}/desk")
        said["after"] = [status, heading(text)]
    print(json.dumps(said))


main()
