"""What a document assumes before a block, and what it promises after it."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import backups
import compose
import lifecycle
import machine
import proxies
from person import PASSWORD, Person

SERVICE = "postgres://tenantry_app:SERVICE@127.0.0.1/tenantry"
CADDYS_AUTHORITY = "/run/caddy/caddy/pki/authorities/local/root.crt"
OWNER = "postgres://tenantry_owner:OWNER@127.0.0.1/tenantry"


class Scene:
    """A document that assumes nothing."""

    def __init__(self):
        self.folder = "/root"
        self.variables = {}

    def before(self, block):
        """Prepares for a block; returns variables for this block alone."""

    def text(self, block):
        """Returns the commands, with placeholders filled in."""
        return block.text

    def expected(self, block):
        """Returns the expected exit code."""
        return 0

    def after(self, block, output):
        """Checks the result of a block."""

    def end(self):
        subprocess.run(["tenantry", "--stop"], check=True)


def psql(statement, database="postgres"):
    return subprocess.run(["psql", "-d", database, "-Atc", statement], check=True, capture_output=True, text=True).stdout.strip()


def reachable_stand_ins():
    """Copies the stand-ins to a folder where other users can run them."""
    shutil.copytree(machine.STAND_INS, "/stand_ins")
    os.environ["PATH"] = os.environ["PATH"].replace(str(machine.STAND_INS), "/stand_ins")


def first_operator(origin, printed, authority=None):
    """Opens the last printed link, and creates the account of the first operator."""
    path = re.findall(f"{origin}(/first/\\S+)", printed)[-1]
    first = Person(origin, authority=authority)
    opened = first.get(path).expect(303).headers["location"]
    fields = {"name": "First", "email": "first@example.org", "password": PASSWORD}
    first.submit(opened, fields).expect(303)
    first.get("/operator/system").expect(200)


class Readme(Scene):
    def __init__(self):
        super().__init__()
        self.folder = "/root/readme"
        os.mkdir(self.folder)

    def after(self, block, output):
        if block.first == "cargo run --release":
            first_operator("http://127.0.0.1:3000", Path("/tmp/served.log").read_text())
            ada = Person("http://127.0.0.1:3000")
            ada.sign_up("Ada", "ada@example.org", "Acme")
            for _ in range(100):
                if "ada@example.org" in ada.get("/dev/mailbox").expect(200).text:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError("no mail")

    def end(self):
        super().end()
        compose.check(os.environ)


class Operating(Scene):
    """The commands of the operating manual, on the PostgreSQL database that they set up."""

    def __init__(self):
        super().__init__()
        reachable_stand_ins()
        lifecycle.install()
        self.folder = str(lifecycle.DATA)
        self.variables["TENANTRY_ENV_FILE"] = str(lifecycle.SETTINGS)
        # Definitions that were typed into the shell once; they precede every block.
        self.typed = ""

    def before(self, block):
        first = block.first
        if first.startswith("tenantry audit purge"):
            return {"TENANTRY_DATABASE_URL": OWNER}
        if first.startswith("tenantry restored"):
            subprocess.run(["tenantry", "--stop"], check=True)
        if first.startswith("tenantry mail test"):
            url = "smtp://USER:PASSWORD@mail.example.com:587"
            return {"TENANTRY_SMTP_URL": url, "TENANTRY_SMTP_CA": str(machine.AUTHORITY)}
        given = backups.before(block)
        if given is not None:
            return given
        if first.startswith("tenantry keys retire"):
            # The two minutes that the manual mentions.
            psql("update secret_keys set used_since = used_since - interval '3 minutes'", "tenantry")
        if first.startswith("cat >/etc/pgbouncer"):
            Path("/etc/pgbouncer").mkdir(exist_ok=True)
        return None

    def text(self, block):
        retired = re.search(r"tenantry keys retire ([0-9a-f]{8})", block.text)
        if retired:
            status = subprocess.run(
                ["/usr/bin/tenantry", "keys", "status"], cwd=self.folder, capture_output=True, text=True,
                env={**os.environ, **self.variables}, check=True).stdout
            key = re.search(r"^(\w{8}) +only opens", status, re.M).group(1)
            return self.typed + block.text.replace(retired.group(1), key)
        return self.typed + block.text

    def after(self, block, output):
        if "tenantry() {" in block.text:
            self.typed = f"{block.text}\n"
        if "systemctl enable --now tenantry" in block.text:
            Person("http://127.0.0.1:3000").get("/healthz").expect(200)
        if "tenantry restore /srv" in block.text:
            files = sorted(backups.DATA.glob("*.key")) + sorted(backups.DATA.glob("*.db"))
            assert set(lifecycle.modes(*files)) == {"tenantry:tenantry 600"}, lifecycle.modes(*files)
            assert {file.owner() for file in backups.DATA.iterdir()} == {"tenantry"}
        if block.first.startswith("psql -c \"create role tenantry_owner") and "tenantry serve" in block.text:
            with lifecycle.SETTINGS.open("a") as settings:
                settings.write(f"TENANTRY_DATABASE_URL={SERVICE}\n")
            self.beyond_the_machine()
            for name, email, organization in [
                ("Ada", "ada@example.org", "Acme"), ("Person", "person@example.com", "Elsewhere"),
            ]:
                person = Person("http://127.0.0.1:3000")
                person.sign_up(name, email, organization)
        if block.first.startswith("cat >/etc/pgbouncer"):
            assert re.search(r"ok +pooler: PgBouncer 1\.[0-9.]+ in transaction mode", output), output

    def beyond_the_machine(self):
        """Checks that a server elsewhere can be reached only if its certificate is verified."""
        url = "postgres://tenantry_app:SERVICE@db.example.com/tenantry"
        for given, works in [(f"{url}?sslrootcert={machine.AUTHORITY}", True), (url, False)]:
            doctor = subprocess.run(
                ["/usr/bin/tenantry", "doctor"], cwd=self.folder, capture_output=True, text=True,
                env={**os.environ, "TENANTRY_DATABASE_URL": given})
            assert ("ok    database: " in doctor.stdout) == works, doctor.stdout


class Install(Scene):
    """The installation, from nothing to HTTPS, on a machine without Tenantry."""

    def __init__(self):
        super().__init__()
        self.folder = "/packages"
        self.package("old")
        # Here the program comes from the package, and nothing is started by hand.
        os.unlink("/usr/bin/tenantry")
        reachable_stand_ins()
        os.unlink("/stand_ins/tenantry")
        # The web server is there already, and may have a site of somebody else.
        for site in Path("/etc/nginx/sites-enabled").glob("*"):
            site.unlink()

    def package(self, version):
        """Puts the packages of this version where the manual expects them."""
        for package in Path("/packages").glob("*.deb"):
            package.unlink()
        for package in Path(f"/packages/{version}").glob("*.deb"):
            shutil.copy(package, "/packages")

    def before(self, block):
        if block.first == "apt-get install caddy":
            # Both use the same ports.
            subprocess.run(["systemctl", "stop", "nginx"], check=True)
        if "TENANTRY_SMTP_URL" in block.text:
            with open("/etc/tenantry/tenantry.env", "a") as settings:
                settings.write(f"TENANTRY_SMTP_CA={machine.AUTHORITY}\n")
        return None

    def after(self, block, output):
        text = block.text
        if text.startswith("apt-get install ./tenantry"):
            installed = dpkg_status()
            assert installed.startswith("install ok installed"), installed
            if "0.0.1" in installed:
                lifecycle.check_installed()
                self.package("new")
        if "enable --now tenantry" in text:
            lifecycle.check_service()
        folder = re.search("TENANTRY_BACKUP_FOLDER=(.*)'", text)
        if folder:
            lifecycle.check_unit()
            lifecycle.check_backups(folder.group(1))
        if "systemctl reload nginx" in text:
            proxies.check("nginx", machine.AUTHORITY)
        if "systemctl reload caddy" in text:
            proxies.check("caddy", CADDYS_AUTHORITY)
        if text.startswith("journalctl"):
            first_operator(proxies.ORIGIN, output, CADDYS_AUTHORITY)
        if text.startswith("cd /var/lib/tenantry"):
            assert "ok    database: " in output and "FAIL  " not in output, output
        if "postgres://tenantry_app" in text and "systemctl restart" in text:
            assert psql("select count(*) from pg_stat_activity where application_name = 'tenantry'") != "0"
        if text == "apt-get remove tenantry":
            lifecycle.check_removed()

    def end(self):
        lifecycle.check_purged()


def dpkg_status():
    query = ["dpkg-query", "-W", "-f", "${Status} ${Version}", "tenantry"]
    return subprocess.run(query, capture_output=True, text=True).stdout


def of(document):
    return {"README.md": Readme, "docs/operating.md": Operating, "docs/install.md": Install}[document]()
