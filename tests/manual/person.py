"""A person with a browser: keeps cookies, and sends forms with their tokens from a given address."""

import http.client
import re
import socket
import ssl
import urllib.parse
from http.cookies import SimpleCookie

PASSWORD = "correct horse battery"


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode(errors="replace")

    def expect(self, *statuses):
        assert self.status in statuses, f"{self.status} {dict(self.headers)}: {self.text[:1500]}"
        return self


class Person:
    def __init__(self, origin, address="127.0.0.1", authority=None):
        self.url = urllib.parse.urlsplit(origin)
        self.address, self.authority = address, authority
        self.cookies = {}
        # The port that it really listens on, whatever the address in the browser says.
        self.port = self.url.port or {"http": 80, "https": 443}[self.url.scheme]

    def send(self, method, path, body=None, headers=()):
        host, secure = self.url.hostname, self.url.scheme == "https"
        connection = http.client.HTTPConnection(host, self.port, timeout=30)
        connection.sock = socket.create_connection(("127.0.0.1", self.port), 30, (self.address, 0))
        if secure:
            context = ssl.create_default_context(cafile=self.authority)
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        fields = {"Host": self.url.netloc, **dict(headers)}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, fields)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # Answered before everything was sent: the answer is what counts.
        response = connection.getresponse()
        answer = Answer(response)
        for line in answer.headers.get_all("set-cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        connection.close()
        return answer

    def get(self, path, **headers):
        return self.send("GET", path, headers=headers.items())

    def submit(self, page, fields, action=None, headers=()):
        """Opens a page, and sends its form with these fields."""
        text = self.get(page).expect(200).text
        token = re.search(r'name="csrf" value="([^"]*)"', text).group(1)
        body = urllib.parse.urlencode({"csrf": token, **fields})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"{self.url.scheme}://{self.url.netloc}"}
        return self.send("POST", action or page, body, [*kind.items(), *headers])

    def sign_up(self, name, email, organization):
        fields = {"name": name, "email": email, "password": PASSWORD, "organization": organization}
        return self.submit("/signup", fields).expect(303)

    def sign_in(self, email, headers=()):
        fields = {"email": email, "password": PASSWORD}
        return self.submit("/login", fields, headers=headers).expect(303)
