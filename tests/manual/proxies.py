"""What a proxy in front of the program must do, as a browser on its other side sees it."""

import subprocess

from person import Person

ORIGIN = "https://tenantry.example.com"
CLIENT = "127.0.0.9"
FORGED = "203.0.113.7"


def check(proxy, authority):
    email = f"{proxy}@example.org"
    plain = Person("http://tenantry.example.com").get("/login?next=/orgs")
    plain.expect(301, 308)
    assert plain.headers["location"] == f"{ORIGIN}/login?next=/orgs", plain.headers["location"]

    ada = Person(ORIGIN, CLIENT, authority)
    forged = [("X-Forwarded-For", FORGED), ("Forwarded", f"for={FORGED}"), ("X-Real-IP", FORGED)]
    ada.sign_up("Ada", email, f"Behind {proxy}")
    ada.cookies.clear()
    ada.sign_in(email, forged)
    assert ada.cookies and all(name.startswith("__Host-") for name in ada.cookies), ada.cookies
    page = ada.get("/account/sessions").expect(200).text
    assert CLIENT in page and FORGED not in page, f"{proxy}: another address than the client's"
    assert "max-age" in ada.get("/orgs").headers["strict-transport-security"]

    # Too large for any form: our own page says so, and keeps what was typed.
    body = "name=" + "x" * 1_000_000
    kind = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", ORIGIN)]
    answer = ada.send("POST", "/account", body, kind).expect(413)
    assert "x-request-id" in answer.headers, "it is not the program's own answer"
    # Too large for everything: either the proxy or the program says so.
    huge = Person(ORIGIN, CLIENT, authority)
    huge.send("POST", "/login", b"x" * 66 * 1024 * 1024, kind).expect(413)

    elsewhere = ["curl", "-sk", "--resolve", "elsewhere.example.com:443:127.0.0.1", "-o", "/dev/null", "-w",
                 "%{http_code}", "https://elsewhere.example.com/login"]
    code = subprocess.run(elsewhere, capture_output=True, text=True).stdout
    assert code in ("000", "421"), f"{proxy}: another name is answered with {code}"

    # A picture of the maximum size passes through; whether its contents are valid does not matter
    # here.
    edge = "----------------------------edge"
    part = f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    form = part.encode() + b"x" * 7 * 1024 * 1024 + f"\r\n--{edge}--\r\n".encode()
    kind = [("Content-Type", f"multipart/form-data; boundary={edge}"), ("Origin", ORIGIN)]
    assert ada.send("POST", "/account/picture", form, kind).status != 413
