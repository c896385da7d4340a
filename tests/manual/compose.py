"""Does what docs/deploy/compose.yaml does, without a container engine: its roles, its migration and its service,
with its commands, variables and order. Two services show that there can be several."""

import re
import subprocess
import tempfile
from pathlib import Path

from person import Person

PROGRAM = "/usr/bin/tenantry"
GIVEN = {
    "TENANTRY_BASE_URL": "http://127.0.0.1:3000",
    "SUPERUSER_PASSWORD": "unused",
    "OWNER_PASSWORD": "owner1",
    "SERVICE_PASSWORD": "service1",
}


def environments(text):
    """Returns the variables of each service, filled with the values from .env."""
    found, service, inside = {}, None, False
    for line in text.splitlines():
        if re.fullmatch(r"  [a-z]+:", line):
            service, inside = line.strip(" :"), False
        elif re.fullmatch(r"    [a-z_]+:.*", line):
            inside = line.strip() == "environment:"
        elif inside and service:
            name, value = line.strip().split(": ", 1)
            value = re.sub(r"\$\{(\w+)(?::\?)?\}", lambda match: GIVEN[match.group(1)], value)
            found.setdefault(service, {})[name] = value.replace("@database/", "@127.0.0.1/")
    return found


def check(environment):
    services = environments(Path("docs/deploy/compose.yaml").read_text())
    assert set(services) == {"database", "migrate", "tenantry"}, services
    with tempfile.TemporaryDirectory() as folder:
        run = lambda command, own: subprocess.run(
            command, env={**environment, **own}, capture_output=True, text=True)
        made = run(["docs/deploy/roles.sh"], services["database"])
        assert made.returncode == 0, made.stderr
        migrated = run([PROGRAM, "migrate"], {**services["migrate"], "TENANTRY_LISTEN": "127.0.0.1:3000"})
        assert migrated.returncode == 0, migrated.stderr
        own = {**environment, **services["tenantry"]}
        running = []
        try:
            for port in (3000, 3001):
                variables = {**own, "TENANTRY_LISTEN": f"127.0.0.1:{port}"}
                running.append(subprocess.Popen(
                    [PROGRAM, "serve"], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    text=True))
                assert running[-1].stdout.readline().startswith("Tenantry is at")
            ada = Person("http://127.0.0.1:3000")
            ada.sign_up("Ada", "ada@example.org", "Compose")
            elsewhere = Person("http://127.0.0.1:3000")
            elsewhere.cookies, elsewhere.port = ada.cookies, 3001
            assert "Compose" in elsewhere.get("/orgs").expect(200).text
        finally:
            for process in running:
                process.terminate()
                process.wait()
