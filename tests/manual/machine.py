"""The surroundings of an installation: PostgreSQL with passwords and TLS, an authority that signs
certificates, and a mail server that requires STARTTLS and a password."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CERTIFICATES = Path("/certificates")
AUTHORITY = CERTIFICATES / "authority.pem"
STAND_INS = Path(__file__).parent / "stand_ins"
MAILS = Path("/tmp/mails")

SIGN = """#!/usr/bin/env bash
# Usage: sign NAME CERTIFICATE KEY
set -euo pipefail
cd /certificates
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$3" -out request.pem 2>/dev/null
openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key -CAcreateserial -days 30 \\
    -extfile <(printf 'subjectAltName=DNS:%s' "$1") -out "$2" 2>/dev/null
"""

HBA = """local all postgres peer map=root
hostssl all all 192.0.2.0/24 scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""

MAIL_SERVER = """
import ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

class Keep:
    count = 0
    async def handle_DATA(self, server, session, envelope):
        Keep.count += 1
        assert session.ssl is not None
        open(f"/tmp/mails/{Keep.count}", "wb").write(envelope.content)
        return "250 kept"

def check(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"USER", b"PASSWORD"))

tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain("/certificates/mail.pem", "/certificates/mail.key")

class Server(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="mail.example.com", tls_context=tls, require_starttls=True,
                    authenticator=check, auth_required=True)

Server(Keep(), hostname="192.0.2.10", port=587).start()
print("up", flush=True)
sys.stdin.read()
"""


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}")
    return done.stdout


def certificates():
    CERTIFICATES.mkdir()
    (CERTIFICATES / "sign").write_text(SIGN)
    (CERTIFICATES / "sign").chmod(0o755)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
        "30", "-subj", "/CN=Authority", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout",
        str(CERTIFICATES / "authority.key"), "-out", str(AUTHORITY))
    for name in ["db", "mail"]:
        files = [str(CERTIFICATES / f"{name}.{end}") for end in ("pem", "key")]
        run(str(CERTIFICATES / "sign"), f"{name}.example.com", *files)


def postgres():
    """Starts a server on port 5432: passwords over TCP, TLS from the other machine, root as its superuser."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    data = Path("/tmp/postgres")
    data.mkdir()
    shutil.chown(data, "postgres")
    as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
    run(*as_server, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync",
        "--encoding=UTF8", "--locale=C.UTF-8", cwd="/tmp")
    (data / "pg_hba.conf").write_text(HBA)
    (data / "pg_ident.conf").write_text("root root postgres\nroot postgres postgres\n")
    for end in ("pem", "key"):
        shutil.copy(CERTIFICATES / f"db.{end}", data)
        shutil.chown(data / f"db.{end}", "postgres")
        (data / f"db.{end}").chmod(0o600)
    with open(data / "postgresql.conf", "a") as settings:
        settings.write(
            "listen_addresses = '127.0.0.1,192.0.2.10'\nunix_socket_directories = '/var/run/postgresql'\n"
            "ssl = on\nssl_cert_file = 'db.pem'\nssl_key_file = 'db.key'\nfsync = off\n"
        )
    Path("/var/run/postgresql").mkdir(exist_ok=True)
    shutil.chown("/var/run/postgresql", "postgres")
    run(*as_server, str(binaries / "pg_ctl"), "-D", str(data), "-l", "/tmp/postgres.log", "-w", "-s", "start", cwd="/tmp")


def mail():
    MAILS.mkdir()
    server = subprocess.Popen(
        ["/usr/bin/python3", "-c", MAIL_SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "up\n"
    return server


def start():
    certificates()
    postgres()
    os.environ["PATH"] = f"{STAND_INS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    for name in [name for name in os.environ if name.startswith(("TENANTRY_", "PG"))]:
        del os.environ[name]
    os.environ |= {"PGUSER": "postgres", "PGHOST": "/var/run/postgresql", "HOME": "/root"}
    return mail()
